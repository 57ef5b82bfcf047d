import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { metric } from '../helpers/gateway.ts';
import { type RawAnswer, send } from '../helpers/http.ts';
import { signedBody, wireRecord } from '../helpers/pcs.ts';
import { type Served, serveProcess } from '../helpers/process.ts';
import { REDIS_ADDR, removeKeys } from '../helpers/redis.ts';
import { tempDirectory } from '../helpers/temp.ts';
import { serverDatabase, type TestDatabase } from './postgres/databases.ts';

const post = (port: number, body: string): Promise<RawAnswer> =>
  send(port, { path: '/v1/pcs/submit', headers: { 'content-type': 'application/json' }, chunks: [body] });

/** Posts as a client does, that is told to come back where an equal request takes its time on a slow machine. */
async function insist(port: number, body: string): Promise<RawAnswer> {
  for (;;) {
    const answer = await post(port, body);
    if (answer.status !== 503) return answer;
    await pause(1_000 * Number(answer.headers['retry-after']));
  }
}

async function total(gateways: readonly Served[], series: string): Promise<number> {
  const texts = await Promise.all(gateways.map(({ port }) => send(port, { method: 'GET', path: '/metrics' })));
  return texts.map(({ body }) => metric(body, series) || 0).reduce((sum, one) => sum + one, 0);
}

/** Two gateway processes, each with logs of its own, that share what `env` names. */
async function two(env: Record<string, string>): Promise<readonly [Served, Served]> {
  const start = async (): Promise<Served> => {
    const directory = await tempDirectory();
    return serveProcess({
      PCS_SIGN_ALG: 'hmac',
      PCS_HMAC_KEY: 'testsecret',
      TOKEN_RATE: '100000',
      WAL_DIR: `${directory}/wal`,
      WORM_BASE_DIR: `${directory}/ledger`,
      ...env,
    });
  };
  return Promise.all([start(), start()]);
}

async function stopAll(gateways: readonly Served[]): Promise<void> {
  for (const { child } of gateways) child.kill('SIGTERM');
  expect(await Promise.all(gateways.map(({ ended }) => ended))).toEqual(gateways.map(() => 0));
}

const prefix = `test:${randomUUID()}:`;
let database: TestDatabase;
beforeAll(async () => {
  database = await serverDatabase();
});
afterAll(() => Promise.all([removeKeys(prefix), database.drop()]));

describe.each([
  ['Redis', () => ({ REDIS_ADDR, REDIS_PREFIX: prefix })],
  ['PostgreSQL', () => ({ DEDUP_BACKEND: 'postgres', POSTGRES_CONN: database.url('app') })],
] as const)('two gateways on one %s', (_, shared) => {
  test('race on one pcs_id with 64 posts each: one verification, one answer for all', async () => {
    const gateways = await two(shared());
    const record = wireRecord();
    const body = await signedBody(record);
    const answers = await Promise.all(Array.from({ length: 128 }, (_, at) => insist(gateways[at % 2]!.port, body)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(await total(gateways, 'flk_accepted')).toBe(1);
    expect(await total(gateways, 'flk_dedup_hits')).toBe(127);
    // The guard behind the replay guard looked once.
    expect(await total(gateways, 'portcullis_verdicts_total{guard="recompute",verdict="pass",stage="enforce"}')).toBe(
      1,
    );

    // Another body with the same id, at both: verified on its own, and answered on its own.
    const other = await signedBody({ ...record, sent_at: '2026-01-01T00:00:01Z' });
    const others = await Promise.all(gateways.map(({ port }) => post(port, other)));
    for (const answer of others) {
      expect(answer.status).toBe(200);
      expect(answer.body).not.toBe(answers[0]?.body);
    }
    expect(await total(gateways, 'flk_accepted')).toBe(3);
    // The first one keeps the id, also after a restart.
    await stopAll(gateways);
    const again = await two(shared());
    for (const { port } of again) expect((await post(port, body)).body).toBe(answers[0]?.body);
    expect(await total(again, 'flk_accepted')).toBe(0);
    await stopAll(again);
  });
});

test('two gateways give one tenant its quota once, not twice', async () => {
  const gateways = await two({ REDIS_ADDR, REDIS_PREFIX: `${prefix}rate:`, DAILY_QUOTA: '5' });
  const bodies = await Promise.all(Array.from({ length: 20 }, () => signedBody(wireRecord())));
  const answers = await Promise.all(bodies.map((body, at) => post(gateways[at % 2]!.port, body)));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(15);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
  for (const { headers } of refused) expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
  await stopAll(gateways);
});
