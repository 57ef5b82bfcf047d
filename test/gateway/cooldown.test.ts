import { Buffer } from 'node:buffer';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readInboxLog } from '../../gateway/inbox-log.ts';
import { createFakeClock } from '../../src/testing/fake-clock.ts';
import { metric, startTestGateway, type TestGateway } from '../helpers/gateway.ts';
import { signedBody, wireRecord } from '../helpers/pcs.ts';
import { tempDirectory } from '../helpers/temp.ts';

const NOW = Date.UTC(2030, 0, 1, 12);

type Answer = Awaited<ReturnType<TestGateway['submit']>>;

/** A gateway on a clock that stands still, whose tenant may send two requests and one more every second. */
async function start(env: Record<string, string> = {}) {
  const clock = createFakeClock(NOW);
  const gateway = await startTestGateway({ TOKEN_RATE: '1', ...env }, 5, clock);
  const submit = async (key = 'testsecret', headers: Record<string, string> = {}): Promise<Answer> =>
    gateway.submit(await signedBody(wireRecord(), key), headers);
  return { ...gateway, clock, submit };
}

async function repeat(times: number, submit: () => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let at = 0; at < times; at++) answers.push(await submit());
  return answers;
}

const guards = (answers: readonly Answer[]): unknown[] => answers.map(({ json }) => json.guard ?? 'none');

async function entries(directory: string): Promise<Record<string, unknown>[]> {
  const root = join(directory, 'ledger');
  const names = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.jsonl')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(root, name), 'utf8')));
  return texts
    .join('')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('over the rate: the same answer before anything is scanned, kept or verified, on record, until there is a token', async () => {
  const { submit, clock, directory, metrics } = await start();
  const answers = await repeat(5, submit);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 429, 429]);
  expect(guards(answers)).toEqual(['none', 'none', 'rate-limit', 'rate-limit-cooldown', 'rate-limit-cooldown']);
  const [late, early] = answers.slice(2) as [Answer, Answer];
  for (const name of ['retry-after', 'ratelimit', 'ratelimit-policy', 'content-type', 'cache-control']) {
    expect(early.headers[name], name).toEqual(late.headers[name]);
  }
  expect(early.headers['retry-after']).toBe('1');
  expect(early.json).toEqual({ ...late.json, guard: 'rate-limit-cooldown', decision_id: early.json.decision_id });

  clock.advance(999);
  expect((await submit()).status).toBe(429);
  clock.advance(1);
  expect((await submit()).status).toBe(200);

  const kept: unknown[] = [];
  for await (const { head } of readInboxLog(join(directory, 'wal'))) kept.push(head.decision_id);
  const ids = answers.map(({ json }) => json.decision_id);
  expect(kept).toEqual(expect.arrayContaining(ids.slice(0, 3)));
  expect(kept).toHaveLength(4);
  const recorded = await entries(directory);
  expect(recorded.map(({ status }) => status)).toEqual([200, 200, 429, 429, 429, 429, 200]);
  expect(recorded[3]).toMatchObject({
    decision_id: ids[3],
    tenant: 'default',
    code: 'PTC_D601',
    guard: 'rate-limit-cooldown',
    body_digest: null,
    verdicts: [
      { guard: 'ledger', verdict: 'pass' },
      { guard: 'source-limit', verdict: 'pass' },
      { guard: 'tenant', verdict: 'pass' },
      { guard: 'rate-limit-cooldown', verdict: 'throttle', stage: 'enforce' },
    ],
  });
  const text = await metrics();
  const series = 'portcullis_verdicts_total{guard="rate-limit-cooldown",verdict="throttle",stage="enforce"}';
  expect(metric(text, series)).toBe(3);
  expect(metric(text, 'flk_quota_exceeded_by_tenant{tenant_id="default"}')).toBe(4);
});

test('a signature that is wrong begins nothing; while it lasts it gets 429, and 401 again afterwards', async () => {
  const { submit, clock } = await start();
  const forge = (): Promise<Answer> => submit('another key');
  expect((await repeat(4, forge)).map(({ status }) => status)).toEqual([401, 401, 401, 401]);
  expect((await repeat(3, submit)).map(({ status }) => status)).toEqual([200, 200, 429]);
  expect((await repeat(4, forge)).map(({ status }) => status)).toEqual([429, 429, 429, 429]);
  clock.advance(1_000);
  expect((await repeat(2, forge)).map(({ status }) => status)).toEqual([401, 401]);
  expect((await submit()).status).toBe(200);
});

test('a body that nobody reads does not stand in the way of the next request on its connection', async () => {
  const { submit, gateway, clock } = await start();
  await repeat(3, submit);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const ports = new Set<number | undefined>();
  const post = (body: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const options = { port: gateway.port, host: '127.0.0.1', path: '/v1/pcs/submit', method: 'POST', agent, headers };
      const req = request(options, (res) => {
        ports.add(req.socket?.localPort);
        res.resume();
        res.on('end', () => resolve(res.statusCode));
      });
      req.on('error', reject);
      req.end(body);
    });
  for (let at = 0; at < 3; at++) expect(await post(`"${'x'.repeat(900_000)}"`)).toBe(429);
  clock.advance(1_000);
  expect(await post(await signedBody(wireRecord()))).toBe(200);
  expect(ports.size).toBe(1);
});

test('it is off with RATE_COOLDOWN=false, and goes with the stage of the limit', async () => {
  const off = await start({ RATE_COOLDOWN: 'false' });
  expect(guards(await repeat(4, off.submit))).toEqual(['none', 'none', 'rate-limit', 'rate-limit']);

  const file = join(await tempDirectory(), 'tenants.json');
  const keys = [{ id: 'k', alg: 'hmac', key: 'one secret' }];
  const other = [{ id: 'k', alg: 'hmac', key: 'another secret' }];
  await writeFile(
    file,
    JSON.stringify({
      tenants: [
        { id: 'shadow', keys, stages: { 'rate-limit': 'report-only' } },
        { id: 'late', keys: other, stages: { 'rate-limit-cooldown': 'off' } },
      ],
    }),
  );
  const { submit } = await start({ PCS_SIGN_ALG: '', PCS_HMAC_KEY: '', TENANTS_FILE: file });
  const shadow = await repeat(4, () => submit('one secret', { 'x-tenant-id': 'shadow' }));
  expect(shadow.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  const late = await repeat(4, () => submit('another secret', { 'x-tenant-id': 'late' }));
  expect(guards(late)).toEqual(['none', 'none', 'rate-limit', 'rate-limit']);
});

test('another tenant is let through meanwhile', async () => {
  const { submit } = await start({ PCS_SIGN_ALG: '', PCS_HMAC_KEY: '', TENANTS: 'a:hmac:key of a,b:hmac:key of b' });
  const a = (): Promise<Answer> => submit('key of a', { 'x-tenant-id': 'a' });
  expect((await repeat(4, a)).at(-1)?.status).toBe(429);
  expect((await submit('key of b', { 'x-tenant-id': 'b' })).status).toBe(200);
});
