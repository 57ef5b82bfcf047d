import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openInboxLog } from '../../gateway/inbox-log.ts';
import { startTestGateway } from '../helpers/gateway.ts';
import { listen } from '../helpers/http.ts';
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
  ['policy bounds', { policy: { minD: 9 } }, /^PTC_E003 .*: tenant acme\.policy\.minD .*maxD/],
])('stages and policy of tenants are checked at the start: %s', async (_name, more, message) => {
  await expect(startWithTenant(more)).rejects.toThrow(message);
});

test('a start that failed leaves the directories free', async () => {
  const directory = await tempDirectory();
  const env = { WAL_DIR: `${directory}/wal`, WORM_BASE_DIR: `${directory}/ledger` };
  await expect(startTestGateway({ ...env, HOST: '192.0.2.1' })).rejects.toThrow(/^PTC_E015/);
  expect(await readdir(env.WAL_DIR)).not.toContain('.lock');
  expect(await readdir(env.WORM_BASE_DIR)).not.toContain('.lock');
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
  expect(await readdir(env.WAL_DIR)).not.toContain('.lock');
});

test('a segment that cannot be opened names the variable, and the directory is given free', async () => {
  const directory = await tempDirectory();
  await mkdir(join(directory, 'inbox-000001.log'));
  await expect(openInboxLog(directory)).rejects.toThrow(/^PTC_E013 .*: WAL_DIR is a string of [^/]* \(EISDIR\)$/);
  expect(await readdir(directory)).toEqual(['inbox-000001.log']);
});
