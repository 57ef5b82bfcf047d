import { open, readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig, startGateway } from '../../../gateway/gateway.ts';
import { readChain, segmentPaths } from '../../faults/ledger-reader.ts';
import { metric, startTestGateway } from '../../helpers/gateway.ts';
import { send } from '../../helpers/http.ts';
import { signedBody, wireRecord } from '../../helpers/pcs.ts';
import { filesOf, jqHashes } from './helpers.ts';

type Write = (buffers: readonly Uint8Array[], position: number) => Promise<unknown>;

/** Puts something in place of the writes of ledger entries; those of other files go on as they are. */
async function onLedgerWrites(instead: (real: () => Promise<unknown>) => Promise<unknown>): Promise<void> {
  const handle = await open(process.execPath, 'r');
  const prototype = Object.getPrototypeOf(handle) as { writev: Write };
  await handle.close();
  const { writev } = prototype;
  prototype.writev = function (this: unknown, ...args) {
    const isEntries = Buffer.from(args[0][0] ?? []).toString('latin1', 0, 8) === '{"kind":';
    const real = (): Promise<unknown> => writev.apply(this, args);
    return isEntries ? instead(real) : real();
  };
  onTestFinished(() => {
    prototype.writev = writev;
  });
}

const ready = async (port: number): Promise<readonly [number, string]> => {
  const { status, body } = await send(port, { method: 'GET', path: '/ready' });
  return [status, body];
};

test('an answer goes out when its entry is on the disk, and not before', async () => {
  const { gateway, submit, directory } = await startTestGateway();
  let release = (): void => undefined;
  const writing = new Promise<void>((begun) => {
    void onLedgerWrites(async (real) => {
      begun();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return real();
    });
  });
  await new Promise((resolve) => setImmediate(resolve));
  let answered = false;
  const body = await signedBody(wireRecord());
  const answer = submit(body).then((one) => {
    answered = true;
    return one;
  });
  await writing;
  // Others are served meanwhile, so there was time for an answer.
  for (let at = 0; at < 5; at++)
    expect((await send(gateway.port, { method: 'GET', path: '/health' })).status).toBe(200);
  expect(answered).toBe(false);
  expect(await readChain(`${directory}/ledger`)).toEqual([]);
  release();
  const { status, json } = await answer;
  expect(status).toBe(200);
  expect((await readChain(`${directory}/ledger`)).map(({ decision_id }) => decision_id)).toEqual([json.decision_id]);
});

test('concurrent answers, refusals among them: each is in the ledger when it arrives, and jq finds every hash', async () => {
  const { submit, directory, metrics, gateway } = await startTestGateway({ TOKEN_RATE: '10000' });
  const ledger = `${directory}/ledger`;
  const ids: unknown[] = [];
  await Promise.all(
    Array.from({ length: 40 }, async (_, at) => {
      const body =
        at % 4 === 0 ? `{"broken":${at}` : await signedBody(wireRecord({}, at), at % 4 === 1 ? 'wrong' : 'testsecret');
      const { status, json } = await submit(body);
      expect(status).toBe(at % 4 === 0 ? 400 : at % 4 === 1 ? 401 : 200);
      ids.push(json.decision_id);
      expect((await readChain(ledger)).map(({ decision_id }) => decision_id)).toContain(json.decision_id);
    }),
  );
  const text = await metrics();
  expect(metric(text, 'portcullis_ledger_entries_total{kind="decision"}')).toBe(40);
  expect(metric(text, 'portcullis_ledger_size')).toBe(40);
  await gateway.close();
  const entries = await readChain(ledger);
  expect(entries.map(({ decision_id }) => decision_id).sort()).toEqual(ids.sort());
  const files = await filesOf(ledger);
  const hashes = files.filter((name) => name.endsWith('.jsonl')).flatMap((name) => jqHashes(join(ledger, name)));
  expect(entries.map(({ entry_hash }) => entry_hash)).toEqual(hashes);
  expect(files).toContain('checkpoints/0000000000000040.txt');
  expect(files.filter((name) => name.endsWith('.jsonl')).length).toBe(
    files.filter((name) => name.endsWith('.seal.json')).length,
  );
});

test.each(['ENOSPC', 'EIO'])(
  'a ledger whose writes end in %s: 503, not ready, and once it can write all is well',
  async (code) => {
    const { submit, directory, gateway } = await startTestGateway();
    const post = async (): Promise<readonly [number, unknown]> => {
      const { status, headers } = await submit(await signedBody(wireRecord()));
      return [status, headers['retry-after']];
    };
    expect(await post()).toEqual([200, undefined]);
    let works = false;
    await onLedgerWrites(async (real) => {
      if (works) return real();
      await real();
      throw Object.assign(new Error('canary'), { code });
    });
    expect(await post()).toEqual([503, '1']);
    expect(await ready(gateway.port)).toEqual([503, '{"ready":false,"failing":["ledger"]}']);
    works = true;
    expect(await post()).toEqual([200, undefined]);
    expect(await ready(gateway.port)).toEqual([200, '{"ready":true}']);
    await gateway.close();
    const kinds = (await readChain(`${directory}/ledger`)).map(({ kind, corrects }) =>
      corrects === undefined ? kind : 'correction',
    );
    // What the client was told instead is appended after the answer, where the disk takes it by then.
    expect(kinds.filter((kind) => kind === 'decision').length).toBe(2);
    expect(kinds.filter((kind) => kind === 'recovery').length).toBeGreaterThanOrEqual(code === 'EIO' ? 1 : 0);
  },
);

test('a restart goes on with the chain; one that finds a changed entry says so in one line and starts nothing', async () => {
  const first = await startTestGateway();
  const env = { WAL_DIR: `${first.directory}/wal`, WORM_BASE_DIR: `${first.directory}/ledger` };
  await first.submit(await signedBody(wireRecord()));
  await expect(startTestGateway(env)).rejects.toThrow(/^PTC_E013 /);
  await first.gateway.close();
  const second = await startTestGateway(env);
  await second.submit(await signedBody(wireRecord()));
  await second.gateway.close();
  expect((await readChain(env.WORM_BASE_DIR)).length).toBe(2);
  expect(second.log.map((line) => JSON.parse(line).event)).toContain('ledger_key');

  const last = (await segmentPaths(env.WORM_BASE_DIR)).at(-1) ?? '';
  await truncate(last, (await readFile(last)).length - 1);
  const config = readConfig({ PORT: '0', PCS_SIGN_ALG: 'hmac', PCS_HMAC_KEY: 'testsecret', ...env });
  const failed = startGateway(config, { log: () => undefined });
  await expect(failed).rejects.toThrow(
    /^PTC_E018 The ledger does not hold together: WORM_BASE_DIR [^\n]* bytes, and its seal says /,
  );
  await expect(failed).rejects.not.toThrow(first.directory);
  // What was claimed is free again.
  expect((await readdir(env.WAL_DIR)).filter((name) => name.startsWith('.lock'))).toEqual([]);
  expect((await readdir(env.WORM_BASE_DIR)).filter((name) => name.startsWith('.lock'))).toEqual([]);
});
