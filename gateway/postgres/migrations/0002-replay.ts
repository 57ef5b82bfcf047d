import { type Migration, rowSecurity } from './migration.ts';

const SQL = `
create table portcullis.replay (
  tenant_id text not null,
  pcs_id text not null,
  body_digest text not null,
  answer text,
  expires_at timestamptz not null,
  primary key (tenant_id, pcs_id)
);
create index replay_expires_at on portcullis.replay (tenant_id, expires_at);
${rowSecurity('replay')}
grant select, insert, update, delete on portcullis.replay to {app};
grant select, delete on portcullis.replay to {ops};

-- Unlogged: a claim need not outlive a crash, as its gateway does not know it any more, and so waits for no disk.
create unlogged table portcullis.replay_claims (
  tenant_id text not null,
  pcs_id text not null,
  body_digest text not null,
  gateway text not null,
  serial bigint not null,
  claimed_until timestamptz not null,
  is_said boolean not null default false,
  said text,
  primary key (tenant_id, pcs_id)
);
create index replay_claims_claimed_until on portcullis.replay_claims (tenant_id, claimed_until);
${rowSecurity('replay_claims')}
grant select, insert, update, delete on portcullis.replay_claims to {app};
grant select, delete on portcullis.replay_claims to {ops};

-- One after the other for one id. Each statement after it sees what the one before has committed.
create function portcullis.replay_lock(of_tenant text, of_id text) returns void
language sql volatile set search_path = pg_catalog as $$
  select pg_advisory_xact_lock(hashtextextended(of_tenant || '|' || of_id, 0));
$$;

create function portcullis.replay_ask(
  of_tenant text, of_id text, digest text, by_gateway text, number bigint, lease_ms bigint, has_waited boolean
) returns table (kind text, answer text)
language plpgsql volatile set search_path = pg_catalog as $$
declare
  at timestamptz;
  kept portcullis.replay%rowtype;
  claim portcullis.replay_claims%rowtype;
begin
  perform portcullis.replay_lock(of_tenant, of_id);
  at := clock_timestamp();
  select * into kept from portcullis.replay r
    where r.tenant_id = of_tenant and r.pcs_id = of_id and r.expires_at > at;
  if kept.body_digest = digest then
    return query select 'stored', kept.answer;
    return;
  end if;
  select * into claim from portcullis.replay_claims c
    where c.tenant_id = of_tenant and c.pcs_id = of_id and c.claimed_until > at;
  if claim.pcs_id is not null and not claim.is_said then
    if claim.body_digest <> digest then
      return query select 'other-body', null::text;
      return;
    elsif claim.gateway <> by_gateway or claim.serial >= number then
      return query select 'held', null::text;
      return;
    end if;
  elsif has_waited and claim.body_digest = digest then
    return query select 'stored', claim.said;
    return;
  elsif kept.pcs_id is not null and not has_waited then
    return query select 'other-body', null::text;
    return;
  end if;
  insert into portcullis.replay_claims as c
    values (of_tenant, of_id, digest, by_gateway, number, at + lease_ms * interval '1 millisecond', false, null)
    on conflict (tenant_id, pcs_id) do update set body_digest = excluded.body_digest, gateway = excluded.gateway,
      serial = excluded.serial, claimed_until = excluded.claimed_until, is_said = false, said = null;
  return query select 'new', null::text;
end $$;

-- Also removes some rows of the tenant that are past their time: more than one comes with each call.
create function portcullis.replay_keep(
  of_tenant text, of_id text, digest text, by_gateway text, number bigint, new_answer text, ttl_ms double precision,
  said_ms bigint
) returns table (is_kept boolean, answer text)
language plpgsql volatile set search_path = pg_catalog as $$
declare
  at timestamptz;
  kept portcullis.replay%rowtype;
  is_ours boolean;
begin
  perform portcullis.replay_lock(of_tenant, of_id);
  at := clock_timestamp();
  is_ours := exists (select from portcullis.replay_claims c where c.tenant_id = of_tenant and c.pcs_id = of_id
    and c.body_digest = digest and c.gateway = by_gateway and c.serial = number and not c.is_said);
  select * into kept from portcullis.replay r
    where r.tenant_id = of_tenant and r.pcs_id = of_id and r.expires_at > at;
  if kept.pcs_id is null then
    insert into portcullis.replay as r
      values (of_tenant, of_id, digest, new_answer, at + ttl_ms * interval '1 millisecond')
      on conflict (tenant_id, pcs_id) do update set body_digest = excluded.body_digest, answer = excluded.answer,
        expires_at = excluded.expires_at;
  end if;
  if is_ours and kept.body_digest <> digest then
    update portcullis.replay_claims c
      set is_said = true, said = new_answer, claimed_until = at + said_ms * interval '1 millisecond'
      where c.tenant_id = of_tenant and c.pcs_id = of_id;
  elsif is_ours then
    delete from portcullis.replay_claims c where c.tenant_id = of_tenant and c.pcs_id = of_id;
  end if;
  delete from portcullis.replay where ctid = any (array(
    select r.ctid from portcullis.replay r where r.tenant_id = of_tenant and r.expires_at <= at
    order by r.expires_at limit 4 for update skip locked));
  delete from portcullis.replay_claims where ctid = any (array(
    select c.ctid from portcullis.replay_claims c where c.tenant_id = of_tenant and c.claimed_until <= at
    order by c.claimed_until limit 4 for update skip locked));
  if kept.body_digest = digest then
    return query select true, kept.answer;
  end if;
end $$;

revoke all on function portcullis.replay_lock, portcullis.replay_ask, portcullis.replay_keep from public;
grant execute on function portcullis.replay_lock, portcullis.replay_ask, portcullis.replay_keep to {app};
`;

/** Accepted requests, and who is at work on which. */
export const REPLAY: Migration = Object.freeze({ number: 2, name: 'replay', sql: SQL });
