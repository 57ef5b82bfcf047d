import { createHmac } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createIngestApp } from '../../examples/ingest-fastify/app.ts';

const SECRET = 'a secret of acme';
let app: FastifyInstance;
const reports: (string | undefined)[] = [];

beforeAll(async () => {
  app = createIngestApp({ acme: SECRET });
  app.addHook('onResponse', async (request) => {
    reports.push(request.portcullis?.wouldBe.code);
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => app.close());

const GOOD = { device: 'roof-1', at: [1, 2, 3], celsius: [18.5, 18.7, 18.6] };

async function post(batch: object, headers: Record<string, string> = {}, key = SECRET) {
  const body = JSON.stringify(batch);
  const address = app.server.address() as { port: number };
  const response = await fetch(`http://127.0.0.1:${address.port}/batches`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-tenant-id': 'acme',
      'x-signature': createHmac('sha256', key).update(body).digest('base64'),
      ...headers,
    },
    body,
  });
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text), headers: response.headers };
}

const batches = async (): Promise<number> => (await app.inject('/stats')).json().batches;

test('a batch that is sent again, at once or later, is taken once and answered alike', async () => {
  const before = await batches();
  const answers = await Promise.all(Array.from({ length: 8 }, () => post(GOOD, { 'idempotency-key': 'a' })));
  answers.push(await post(GOOD, { 'idempotency-key': 'a' }));
  expect(answers.map(({ status }) => status)).toEqual(Array(9).fill(202));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(await batches()).toBe(before + 1);
  expect((await post(GOOD, { 'idempotency-key': 'b' })).text).not.toBe(answers[0]?.text);
  expect(await batches()).toBe(before + 2);
});

test('what is not signed, not known or not possible is refused, and not taken', async () => {
  const before = await batches();
  expect((await post(GOOD, {}, 'another secret')).json.code).toBe('PTC_D303');
  expect((await post(GOOD, { 'x-tenant-id': 'toString' })).json.code).toBe('PTC_D304');
  for (const [wrong, rule] of [
    [{ ...GOOD, celsius: [1000] }, 'sanity/bounds'],
    [{ ...GOOD, at: [2, 1] }, 'sanity/monotonic'],
    [{ ...GOOD, device: 'Roof 1' }, 'sanity/format'],
  ] as const) {
    const answer = await post(wrong);
    expect([answer.status, answer.json.code, answer.json.findings[0].rule]).toEqual([400, 'PTC_D411', rule]);
  }
  expect((await post({ ...GOOD, note: 'x'.repeat(70_000) })).json.code).toBe('PTC_D101');
  expect(await batches()).toBe(before);
});

test('what the schema would refuse, the gate refuses: it has answered for nothing that is not taken', async () => {
  for (const wrong of [
    { device: 'roof-1', at: [1] },
    { ...GOOD, at: [1.5, 2] },
    { ...GOOD, at: 'now' },
    { ...GOOD, celsius: ['18'] },
    { ...GOOD, celsius: null },
    { ...GOOD, note: {} },
    [],
  ]) {
    expect((await post(wrong)).json.code, JSON.stringify(wrong)).toBe('PTC_D411');
  }
  const before = await batches();
  expect((await post({ ...GOOD, unknown: true })).status).toBe(202);
  expect(await batches()).toBe(before + 1);
});

test('the guard that is being tried out says what it would do, and not to the client', async () => {
  reports.length = 0;
  const answer = await post({ ...GOOD, note: 'ask jane@example.org' });
  expect(answer.status).toBe(202);
  expect(answer.text).not.toContain('PTC_D201');
  // Fastify calls the hook when the answer is out.
  await vi.waitFor(() => expect(reports).toEqual(['PTC_D201']));
});
