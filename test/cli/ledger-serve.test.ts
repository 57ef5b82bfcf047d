import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPcsRecords } from '../../src/testing/pcs-records.ts';
import { runCli, serveProcess } from '../helpers/process.ts';
import { tempDirectory } from '../helpers/temp.ts';

test('what the gateway answered is proven offline, with the key that it logged', async () => {
  const directory = await tempDirectory();
  const dir = join(directory, 'ledger');
  const env = { PCS_HMAC_KEY: 'testsecret', WAL_DIR: join(directory, 'wal'), WORM_BASE_DIR: dir };
  const served = await serveProcess({ ...env, LEDGER_KEY_FILE: join(directory, 'ledger.key'), REGION: 'eu-1' });
  const key = /"verifier_key":"([^"]+)"/.exec(served.output())?.[1] ?? '';
  const pcs = createPcsRecords();
  const submit = async (body: string): Promise<Record<string, unknown>> => {
    const url = `http://127.0.0.1:${served.port}/v1/pcs/submit`;
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return (await answer.json()) as Record<string, unknown>;
  };
  const body = await pcs.body();
  const first = await submit(body);
  const again = await submit(body);
  const refused = await submit('{"broken":');
  expect([first.outcome, again.decision_id, refused.status]).toEqual(['accepted', first.decision_id, 400]);

  // While it runs.
  const running = await runCli(['ledger', 'verify', '--key', key], env);
  expect([running.code, running.stdout.split('\n')[0]]).toEqual([
    0,
    expect.stringMatching(/^3 entries in 1 segments hold/),
  ]);
  served.child.kill('SIGTERM');
  expect(await served.ended).toBe(0);
  const stopped = await runCli(['ledger', 'verify', '--key', key], env);
  expect([stopped.code, stopped.stdout]).toEqual([
    0,
    expect.stringContaining('agree with the tree, the newest at 3 entries'),
  ]);

  for (const [id, indexes] of [
    [String(refused.decision_id), [2]],
    [String(first.pcs_id), [0, 1]],
  ] as const) {
    const out = await tempDirectory();
    expect(await runCli(['ledger', 'prove', id, '--out', out], env)).toMatchObject({ code: 0, stderr: '' });
    expect((await readdir(out)).sort()).toEqual(indexes.map((index) => `entry-${index}.tlog-proof`));
    for (const index of indexes) {
      const checked = await runCli(['ledger', 'check', join(out, `entry-${index}.tlog-proof`), '--key', key]);
      expect([checked.code, JSON.parse(checked.stdout).region]).toEqual([0, 'eu-1']);
    }
  }

  const lineage = await runCli(['ledger', 'lineage', String(first.pcs_id), '--tenant', 'default'], env);
  expect(
    lineage.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { index: 0, decision_id: first.decision_id, outcome: 'allow', policy_version: '0.1', key_id: 'hmac-1' },
    { index: 1, outcome: 'answer', code: 'PTC_D701' },
  ]);
});
