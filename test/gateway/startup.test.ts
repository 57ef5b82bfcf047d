import { Buffer } from 'node:buffer';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openInboxLog } from '../../gateway/inbox-log.ts';
import { createPcsRecords } from '../../src/testing/pcs-records.ts';
import { startTestGateway } from '../helpers/gateway.ts';
import { listen, send } from '../helpers/http.ts';
import { tempDirectory } from '../helpers/temp.ts';

async function startWithTenant(more: object): Promise<unknown> {
  const path = join(await tempDirectory(), 'tenants.json');
  const keys = [{ id: 'k', alg: 'hmac', key: 'x' }];
  await writeFile(path, JSON.stringify({ tenants: [{ id: 'acme', keys, ...more }] }));
  return startTestGateway({ TENANTS_FILE: path, PCS_SIGN_ALG: '', PCS_HMAC_KEY: '' });
}

test.each<[string, object, RegExp]>([
  ['an unknown guard', { stages: { vrff: 'off' } }, /^PTC_E006 .*: tenant acme\.stages\.vrff is .*inbox.*vrf/],
  ['an unknown stage', { stages: { vrf: 'shadow' } }, /^PTC_E007 .*: tenant acme\.stages\.vrf is a string of 6/],
  [
    'a canary with something beside it',
    { stages: { vrf: { canary: 10, percent: 3 } } },
    /^PTC_E007 .*: tenant acme\.stages\.vrf is an object/,
  ],
  ['an inactive tenant’s', { active: false, stages: { vrf: 1 } }, /^PTC_E007 .*: tenant acme\.stages\.vrf/],
  ['policy bounds', { policy: { minD: 9 } }, /^PTC_E003 .*: TENANTS_FILE tenants\[0\]\.policy\.minD .*maxD/],
])('stages and policy of tenants are checked at the start: %s', async (_name, more, message) => {
  await expect(startWithTenant(more)).rejects.toThrow(message);
});

test('a start that failed leaves the directories free', async () => {
  const directory = await tempDirectory();
  const env = { WAL_DIR: `${directory}/wal`, WORM_BASE_DIR: `${directory}/ledger` };
  await expect(startTestGateway({ ...env, HOST: '192.0.2.1' })).rejects.toThrow(/^PTC_E015/);
  expect(await readdir(env.WAL_DIR)).toEqual(['inbox-000001.log', 'replay-pass']);
  expect(await readdir(env.WORM_BASE_DIR)).toEqual([]);
  await startTestGateway(env);
});

test('what is wrong with HOST is said of HOST, and of PORT what is wrong with PORT', async () => {
  for (const HOST of ['192.0.2.1', 'no-such-host.invalid']) {
    await expect(startTestGateway({ HOST })).rejects.toThrow(
      new RegExp(`^PTC_E015 .*: HOST is a string of ${HOST.length} characters; .* \\(E[A-Z_]+\\)$`),
    );
  }
  const taken = await listen((_req, res) => res.end());
  try {
    await expect(startTestGateway({ PORT: String(taken.port) })).rejects.toThrow(
      /^PTC_E015 .*: PORT is the number \d+; .* \(EADDRINUSE\)$/,
    );
  } finally {
    await taken.close();
  }
});

test('one directory for both logs, by a link that the configuration cannot see', async () => {
  const directory = await tempDirectory();
  await mkdir(join(directory, 'wal'));
  await symlink(join(directory, 'wal'), join(directory, 'ledger'));
  const env = { WAL_DIR: join(directory, 'wal'), WORM_BASE_DIR: join(directory, 'ledger') };
  await expect(startTestGateway(env)).rejects.toThrow(/^PTC_E013 .*: WORM_BASE_DIR .*name another directory/);
  expect(await readdir(env.WAL_DIR)).toEqual(['inbox-000001.log']);
});

test('a segment that cannot be opened names the variable, and the directory is given free', async () => {
  const directory = await tempDirectory();
  await mkdir(join(directory, 'inbox-000001.log'));
  await expect(openInboxLog(directory)).rejects.toThrow(/^PTC_E013 .*: WAL_DIR is a string of [^/]* \(EISDIR\)$/);
  expect(await readdir(directory)).toEqual(['inbox-000001.log']);
});

test('what a crash and a bad disk left in the inbox log is said at the start, each by itself', async () => {
  const directory = await tempDirectory();
  const env = { WAL_DIR: join(directory, 'wal'), WORM_BASE_DIR: join(directory, 'ledger') };
  const before = await openInboxLog(env.WAL_DIR);
  for (const id of ['a', 'b', 'c']) {
    await before.append({ head: { at: 1, decision_id: id, tenant: null }, body: Buffer.from(id.repeat(100)) });
  }
  await before.close();
  const path = join(env.WAL_DIR, 'inbox-000001.log');
  const bytes = await readFile(path);
  bytes.write('damage', bytes.indexOf('bbbb'));
  await writeFile(path, Buffer.concat([bytes, Buffer.from('torn')]));
  const { log } = await startTestGateway(env);
  expect(log.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'warn', event: 'inbox_repaired', code: 'PTC_W004', bytes: 4 },
    { level: 'warn', event: 'inbox_damaged', code: 'PTC_W004', bytes: (bytes.byteLength - 16) / 3 },
    { level: 'info', event: 'ledger_key_made' },
    { event: 'metrics_open' },
  ]);
});

test.each([4, 5] as const)(
  'express %i: an expectation that nobody knows is let be, like any other header',
  async (version) => {
    const { gateway, submit } = await startTestGateway({}, version);
    const body = await createPcsRecords().body();
    for (const expectation of ['canary', '200-ok']) {
      const answer = await submit(body, { expect: expectation });
      expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json']);
      const health = await send(gateway.port, { method: 'GET', path: '/health', headers: { expect: expectation } });
      expect([health.status, health.body]).toEqual([200, 'OK']);
      const other = await send(gateway.port, { method: 'GET', path: '/other', headers: { expect: expectation } });
      expect([other.status, JSON.parse(other.body).code]).toEqual([404, 'PTC_D110']);
    }
    expect((await submit(body, { expect: '100-continue' })).status).toBe(200);
  },
);
