import { Buffer } from 'node:buffer';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serverDatabase, type TestDatabase } from '../gateway/postgres/databases.ts';
import { runCli } from '../helpers/process.ts';
import { tempDirectory } from '../helpers/temp.ts';

let it: TestDatabase;
beforeAll(async () => {
  it = await serverDatabase();
});
afterAll(() => it.drop());

const SECRET = 'canary-of-the-shared-secret';

async function env(): Promise<Record<string, string>> {
  const directory = await tempDirectory();
  await mkdir(`${directory}/wal`);
  return {
    POSTGRES_CONN: it.url('app'),
    POSTGRES_OPS_CONN: it.url('ops'),
    POSTGRES_APP_ROLE: it.roles.app,
    POSTGRES_OPS_ROLE: it.roles.ops,
    POSTGRES_OWNER_ROLE: it.roles.owner,
    PCS_HMAC_KEY: SECRET,
    WAL_DIR: `${directory}/wal`,
    WORM_BASE_DIR: `${directory}/ledger`,
  };
}

test('evidence as JSON on standard output, and 0 where everything holds', async () => {
  const { code, stdout, stderr } = await runCli(['probe'], await env());
  const evidence = JSON.parse(stdout) as { ok: boolean; probes: { probe: string; ok: boolean; failures: string[] }[] };
  expect(evidence.probes.filter(({ ok }) => !ok)).toEqual([]);
  expect([code, evidence.ok, stderr]).toEqual([0, true, '']);
  expect(evidence.probes.map(({ probe }) => probe)).toEqual([
    'row-security',
    'append-only',
    'runtime-identity',
    'fail-closed',
    'cross-tenant',
    'dead-letter-lanes',
    'secrets',
    'wiring',
  ]);
  expect(stdout).not.toContain(SECRET);
});

test('1, and what is wrong, for a new table without a policy and a secret in a file', async () => {
  const variables = await env();
  await writeFile(`${variables.WAL_DIR}/inbox-000001.log`, `x${SECRET}x`);
  await it.sql('create table portcullis.new_one (tenant_id text)');
  const { code, stdout } = await runCli(['probe'], variables);
  await it.sql('drop table portcullis.new_one');
  const { probes } = JSON.parse(stdout) as { probes: { probe: string; failures: string[] }[] };
  const failed = probes.filter(({ failures }) => failures.length > 0);
  expect([code, failed.map(({ probe }) => probe)]).toEqual([1, ['row-security', 'secrets']]);
  expect(failed[0]?.failures).toContain('portcullis.new_one: no permissive policy for insert');
  expect(failed[1]?.failures).toEqual([
    'portcullis.new_one: operations cannot read it, so it was not looked through',
    'inbox-000001.log: PCS_HMAC_KEY stands in it',
    'inbox-000001.log: key hmac-1 of default stands in it',
  ]);
});

test('1 for the key of a stored tenant and for that of the ledger, wherever the gateway keeps them', async () => {
  const { PCS_HMAC_KEY: _key, ...variables } = await env();
  const directory = dirname(variables.WAL_DIR ?? '');
  // The signer key of the example in Go's golang.org/x/mod/sumdb/note.
  const seed = 'AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
  await writeFile(`${directory}/ledger.key`, `PRIVATE+KEY+PeterNeumann+c74f20a3+${seed}\n`, { mode: 0o600 });
  const spec = { id: 'acme', keys: [{ id: 'one', alg: 'hmac', key: 'canary-of-a-stored-tenant' }] };
  const stored = { spec, revision: 1, updatedAt: '2030-01-01T00:00:00.000Z' };
  await writeFile(`${directory}/tenants.json`, JSON.stringify({ tenants: [stored] }), { mode: 0o600 });
  const store = { TENANTS_STORE: 'file', TENANTS_STORE_FILE: `${directory}/tenants.json` };
  await mkdir(`${directory}/ledger`);
  await writeFile(`${directory}/ledger/notes`, `${Buffer.from(seed, 'base64').subarray(1).toString('hex')}`);
  await writeFile(`${directory}/ledger/more`, Buffer.from('x canary-of-a-stored-tenant').toString('base64'));
  const { code, stdout, stderr } = await runCli(['probe'], { ...variables, ...store });
  const { probes } = JSON.parse(stdout) as { probes: { failures: string[] }[] };
  expect([code, stderr, probes.flatMap(({ failures }) => failures).sort()]).toEqual([
    1,
    '',
    ['more: key one of acme stands in it', 'notes: LEDGER_KEY_FILE stands in it'],
  ]);
  expect(stdout).not.toContain('canary-of');
});

test('one line where it cannot be done', async () => {
  for (const [variables, message] of [
    [{}, /POSTGRES_CONN is missing; give the database to look at/],
    [{ POSTGRES_CONN: it.url('app') }, /POSTGRES_OPS_CONN is missing; give the login of operations/],
  ] as const) {
    const { code, stdout, stderr } = await runCli(['probe'], variables);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
  }
});
