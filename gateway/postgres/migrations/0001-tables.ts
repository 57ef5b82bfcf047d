import { appendOnly, type Migration, rowSecurity } from './migration.ts';

const SQL = `
create function portcullis.refuse_change() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = '55000';
end $$;
revoke all on function portcullis.refuse_change() from public;

create table portcullis.tenants (
  tenant_id text primary key check (tenant_id ~ '^[A-Za-z0-9._-]{1,64}$'),
  spec jsonb not null,
  revision bigint not null check (revision >= 1),
  updated_at timestamptz not null default now()
);
${rowSecurity('tenants')}
grant select, insert, update on portcullis.tenants to {ops};

create table portcullis.ledger_index (
  ledger_id text not null,
  entry_index bigint not null check (entry_index >= 0),
  tenant_id text,
  kind text not null,
  decision_id text,
  pcs_id text,
  recorded_at timestamptz not null,
  outcome text,
  code text,
  entry_hash text not null check (entry_hash ~ '^[0-9a-f]{64}$'),
  primary key (ledger_id, entry_index)
);
create index ledger_index_tenant on portcullis.ledger_index (tenant_id, pcs_id);
create index ledger_index_decision_id on portcullis.ledger_index (decision_id) where decision_id is not null;
${rowSecurity('ledger_index', 'own or nobody')}
${appendOnly('ledger_index')}
grant select, insert on portcullis.ledger_index to {app};
grant select on portcullis.ledger_index to {ops};

create table portcullis.dead_letters (
  id bigint generated always as identity primary key,
  lane text not null check (lane in ('tenant', 'operations')),
  tenant_id text,
  source_id text not null check (length(source_id) between 1 and 128),
  error_class text not null check (length(error_class) between 1 and 64),
  detail text not null check (length(detail) <= 512),
  recorded_at timestamptz not null default now(),
  check ((lane = 'tenant') = (tenant_id is not null))
);
create unique index dead_letters_once
  on portcullis.dead_letters (lane, coalesce(tenant_id, ''), source_id, error_class);
create index dead_letters_tenant on portcullis.dead_letters (tenant_id);
${rowSecurity('dead_letters', 'own or nobody')}
${appendOnly('dead_letters')}
grant select, insert on portcullis.dead_letters to {app};
grant select on portcullis.dead_letters to {ops};

create table portcullis.admin_audit (
  ledger_id text not null,
  entry_index bigint not null check (entry_index >= 0),
  tenant_id text,
  recorded_at timestamptz not null,
  record jsonb not null,
  primary key (ledger_id, entry_index)
);
${rowSecurity('admin_audit', 'own or nobody')}
${appendOnly('admin_audit')}
grant insert on portcullis.admin_audit to {app};
grant select on portcullis.admin_audit to {ops};
`;

/** Tenants, ledger index, dead letters, audit of administration. */
export const TABLES: Migration = Object.freeze({ number: 1, name: 'tables', sql: SQL });
