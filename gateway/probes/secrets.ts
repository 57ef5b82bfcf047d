import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../postgres/connect.ts';
import {
  type Finder,
  LOOKS_SECRET,
  looksSecret,
  MIN_SECRET_CHARS,
  type Needle,
  needlesOf,
  newFinder,
  type Secret,
} from './needles.ts';
import { type Finding, newChecks } from './probe.ts';
import { scanFiles } from './scan-files.ts';
import { type ProbeSession, rolledBack } from './session.ts';
import { keysOf } from './stored-keys.ts';

const TENANTS = 'portcullis.tenants';
const CONTROL = 'control';
/** Rows that are looked through at a time. */
const PAGE_ROWS = 500;

interface FoundInTable {
  readonly table: string;
  readonly secret: string;
  readonly rows: number;
}

/**
 * Looks for the gateway's secrets, with the keys of the tenants that the database keeps, in every row that operations can read and
 * in every file below the directories, in the forms that they may have been written in. A control that nobody else can have is planted first in both, and taken away
 * after: a scan that does not find that would find nothing.
 */
export async function secretScan(
  db: Database,
  directories: readonly string[],
  configured: readonly Secret[],
): Promise<Finding> {
  const { check, finding } = newChecks();
  const control = `control-${randomUUID()}`;
  const secrets = [...configured, ...(await storedKeys(db))];
  const needles = needlesOf([...secrets, { name: CONTROL, value: control }]);

  const { tables, closed, found } = await rolledBack(db, 'ops', (session) => scanTables(session, needles, control));
  const controls = found.filter(({ secret }) => secret === CONTROL);
  check(controls.length === 1 && controls[0]?.table === TENANTS, 'the control was not found in the database');
  for (const { table, secret, rows } of found) {
    if (secret !== CONTROL) check(false, `${table}: ${secret} stands in ${rows} rows`);
  }

  for (const name of closed) check(false, `${name}: operations cannot read it, so it was not looked through`);

  const scanned: { readonly directory: number; readonly files: number }[] = [];
  for (const [at, directory] of directories.entries()) {
    const name = `.probe-${control}`;
    await writeFile(join(directory, name), `x${control}x`, { flag: 'wx', mode: 0o600 });
    try {
      const result = await scanFiles(directory, needles);
      scanned.push({ directory: at, files: result.files });
      const hits = result.found.filter(({ secret }) => secret === CONTROL);
      check(hits.length === 1 && hits[0]?.file === name, 'the control was not found among the files');
      for (const { file, secret } of result.found)
        if (secret !== CONTROL) check(false, `${file}: ${secret} stands in it`);
    } finally {
      await rm(join(directory, name), { force: true });
    }
  }
  return finding({
    lookedFor: needles.map(({ name }) => name),
    tooShortToLookFor: secrets.filter(({ value }) => value.length < MIN_SECRET_CHARS).map(({ name }) => name),
    tables,
    scanned,
  });
}

function storedKeys(db: Database): Promise<readonly Secret[]> {
  return rolledBack(db, 'ops', async ({ query }) => {
    const rows = await query<{ id: string; keys: unknown }>(
      `select tenant_id as id, spec -> 'keys' as keys from ${TENANTS} order by 1`,
    );
    return rows.flatMap(keysOf);
  });
}

async function scanTables(
  { query, script }: ProbeSession,
  needles: readonly Needle[],
  control: string,
): Promise<{
  readonly tables: Readonly<Record<string, number>>;
  readonly closed: readonly string[];
  readonly found: readonly FoundInTable[];
}> {
  await query(
    `insert into ${TENANTS} (tenant_id, spec, revision) values ($1, jsonb_build_object('note', $2::text), 1)`,
    [randomUUID(), control],
  );
  const names = await query<{ name: string; readable: boolean }>(
    `select format('%I.%I', n.nspname, c.relname) as name,
       has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT') as readable
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
     order by 1`,
  );
  const [anywhere, amongTenants] = [newFinder(needles), newFinder(needles.filter(({ isTenantKey }) => !isTenantKey))];
  const tables: Record<string, number> = {};
  const found: FoundInTable[] = [];
  const closed: string[] = [];
  for (const { name, readable } of names) {
    if (!readable) {
      closed.push(name);
      continue;
    }
    const counts = new Map<string, number>();
    tables[name] = 0;
    await script(`declare rows_to_scan no scroll cursor for select to_jsonb(t)::text as row from ${name} t`);
    for (;;) {
      const rows = await query<{ row: string }>(`fetch ${PAGE_ROWS} from rows_to_scan`);
      tables[name] += rows.length;
      for (const { row } of rows) {
        for (const secret of hitsIn(row, name === TENANTS ? amongTenants : anywhere))
          counts.set(secret, (counts.get(secret) ?? 0) + 1);
      }
      if (rows.length < PAGE_ROWS) break;
    }
    await script('close rows_to_scan');
    for (const [secret, rows] of counts) found.push({ table: name, secret, rows });
  }
  return { tables, closed, found };
}

function hitsIn(row: string, foundIn: Finder): readonly string[] {
  return [...foundIn(row), ...(looksSecret(row) ? [LOOKS_SECRET] : [])];
}
