import { expect, onTestFinished, test } from 'vitest';
import { MIGRATIONS } from '../../gateway/postgres/migrate.ts';
import { serverDatabase } from '../gateway/postgres/databases.ts';
import { runCli } from '../helpers/process.ts';

const NUMBERS = MIGRATIONS.map(({ number }) => number);

test('migrate applies what is missing, and says so; again it changes nothing', async () => {
  const it = await serverDatabase({ migrated: false });
  onTestFinished(() => it.drop());
  const env = {
    POSTGRES_MIGRATE_CONN: it.url('owner'),
    POSTGRES_OWNER_ROLE: it.roles.owner,
    POSTGRES_APP_ROLE: it.roles.app,
    POSTGRES_OPS_ROLE: it.roles.ops,
  };
  expect(await runCli(['migrate'], env)).toEqual({
    code: 0,
    stdout: `applied ${NUMBERS.join(', ')}: now at ${NUMBERS.length}\n`,
    stderr: '',
  });
  expect(await runCli(['migrate'], env)).toEqual({
    code: 0,
    stdout: `nothing to do: at ${NUMBERS.length}\n`,
    stderr: '',
  });
  await it.sql("update portcullis.migrations set checksum = 'x'");
  const changed = await runCli(['migrate'], env);
  expect(changed).toMatchObject({ code: 1, stdout: '' });
  expect(changed.stderr).toMatch(/^portcullis: PTC_E017 [^\n]*restore migration 1[^\n]*\n$/);
});

test('the set-up that it prints is what a superuser runs', async () => {
  const { code, stdout } = await runCli(['migrate', '--setup'], {});
  expect(code).toBe(0);
  for (const role of ['portcullis_owner', 'portcullis_app', 'portcullis_ops']) {
    expect(stdout).toContain(`create role ${role} with login nosuperuser nobypassrls`);
  }
  expect(stdout).toContain('create schema if not exists portcullis authorization portcullis_owner;');
});

test('the set-up names the roles that the variables name, without a connection', async () => {
  const names = { POSTGRES_OWNER_ROLE: 'my_owner', POSTGRES_APP_ROLE: 'my_app', POSTGRES_OPS_ROLE: 'my_ops' };
  const { code, stdout } = await runCli(['migrate', '--setup'], names);
  expect(code).toBe(0);
  for (const role of Object.values(names)) expect(stdout).toContain(`create role ${role} with login`);
  expect(stdout).toContain('authorization my_owner;');
  expect(stdout).not.toContain('portcullis_');
});

test.each<[Record<string, string>, RegExp]>([
  [{}, /POSTGRES_MIGRATE_CONN is missing; give the connection string of the role that owns the schema/],
  [{ POSTGRES_MIGRATE_CONN: 'canary' }, /POSTGRES_MIGRATE_CONN is a string of 6 characters; give postgres:/],
  [
    { POSTGRES_CONN: 'pglite:memory', POSTGRES_OPS_CONN: 'postgres://canary' },
    /POSTGRES_OPS_CONN is a string of 17 characters; leave it out/,
  ],
  [
    { POSTGRES_MIGRATE_CONN: 'postgres://u:canary@127.0.0.1:1/x' },
    /PTC_E017 A database cannot be used: POSTGRES_MIGRATE_CONN .* runs and lets this login in \(ECONNREFUSED\)$/m,
  ],
  // 3D000 is invalid_catalog_name, 28000 invalid_authorization_specification (PostgreSQL, appendix A).
  [
    { POSTGRES_MIGRATE_CONN: 'postgres://postgres@127.0.0.1:5432/canary' },
    /PTC_E017 .* runs and lets this login in \(3D000\)$/m,
  ],
  [
    { POSTGRES_MIGRATE_CONN: 'postgres://canary@127.0.0.1:5432/postgres' },
    /PTC_E017 .* runs and lets this login in \(28000\)$/m,
  ],
  // 3F000, invalid_schema_name.
  [
    { POSTGRES_MIGRATE_CONN: 'postgres://postgres@127.0.0.1:5432/template1' },
    /PTC_E017 .*have a superuser run what portcullis migrate --setup prints.* \(3F000\)$/m,
  ],
])('%j: one line, without the value', async (env, message) => {
  const { code, stdout, stderr } = await runCli(['migrate'], env);
  expect([code, stdout, stderr.trimEnd().split('\n').length]).toEqual([1, '', 1]);
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain('canary');
});
