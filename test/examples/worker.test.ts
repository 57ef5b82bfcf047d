import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeBase64 } from '../../src/base64.ts';
import { edwards25519Tai } from '../../src/guards/vrf/ecvrf.ts';
import { seedFromBeta } from '../../src/guards/vrf/seed.ts';
import { pcsAlpha } from '../../src/pcs/vrf.ts';
import { metric } from '../helpers/gateway.ts';
import { signedBody, type Wire, wireRecord } from '../helpers/pcs.ts';
import { tempDirectory } from '../helpers/temp.ts';
import { METRICS_TOKEN, type RunningWorker, startExample, TENANTS } from './worker-harness.ts';

const SECRET = new Uint8Array(32).fill(7);
const PUBLIC_KEY = encodeBase64(edwards25519Tai.publicKey(SECRET));
const tenants = [...TENANTS, { id: 'prover', vrf: { publicKey: PUBLIC_KEY } }, { id: 'small', dailyQuota: 3 }];

/** The record with a proof, and its seed. */
function proven(record: Wire, secret = SECRET): Wire {
  const proof = edwards25519Tai.prove(secret, pcsAlpha(String(record.pcs_id)));
  const seed = Number(seedFromBeta(edwards25519Tai.proofToHash(proof)!));
  return { ...record, seed, vrf_proof: encodeBase64(proof) };
}

let worker: RunningWorker;

beforeAll(async () => {
  worker = await startExample({ tenants });
}, 60_000);
afterAll(() => worker.stop());

const submit = async (tenant: string, wire: Wire, to = worker) =>
  to.post('/v1/pcs/submit', tenant, await signedBody(wire, `key-of-${tenant}`));

const note = (tenant: string, text: string, key = `key-of-${tenant}`, to = worker) => {
  const body = JSON.stringify({ text });
  return to.post('/v1/notes', tenant, body, {
    'x-signature': createHmac('sha256', key).update(body).digest('base64'),
  });
};

test('code is not made at run time there, and the pattern of a tenant redacts all the same', async () => {
  expect(await worker.probe({ eval: true })).toEqual({ evaluates: false });
  const answer = await note('acme', 'emp-123456 wrote to jane@example.org');
  expect([answer.status, answer.json]).toEqual([
    201,
    { saved: { text: '[REDACTED_EMPLOYEE_ID] wrote to [REDACTED_EMAIL]' } },
  ]);
  expect((await note('prover', 'emp-123456 is only a pattern of acme')).json).toEqual({
    saved: { text: 'emp-123456 is only a pattern of acme' },
  });
});

test('a VRF proof is verified by the kernel, and one by another key is refused', async () => {
  const before = await worker.probe({ kernelKey: PUBLIC_KEY });
  expect(before).toEqual({ uses: 0 });
  expect((await submit('prover', proven(wireRecord()))).json).toMatchObject({ outcome: 'accepted' });
  expect(await worker.probe({ kernelKey: PUBLIC_KEY })).toEqual({ uses: 1 });
  const forged = await submit('prover', proven(wireRecord(), new Uint8Array(32).fill(8)));
  expect([forged.status, forged.json.code]).toEqual([401, 'PTC_D305']);
  expect((await submit('prover', wireRecord())).json).toMatchObject({ status: 401, code: 'PTC_D306' });
});

test('32 equal posts at once: one verification, one answer for all, and a ledger record for each', async () => {
  const slow = await startExample({ tenants, slowLedger: true });
  try {
    const body = await signedBody(proven(wireRecord()), 'key-of-prover');
    const post = () => slow.post('/v1/pcs/submit', 'prover', body);
    const answers = await Promise.all(Array.from({ length: 32 }, post));
    expect(answers.map(({ status }) => status)).toEqual(Array(32).fill(200));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect((await post()).text).toBe(answers[0]?.text);

    const hits = 'flk_dedup_hits_by_tenant{tenant_id="prover"}';
    const text = await slow.metrics((found) => metric(found, hits) === 32);
    expect(metric(text, 'portcullis_verdicts_total{guard="vrf",verdict="pass",stage="enforce"}')).toBe(1);
    expect(metric(text, 'portcullis_verdicts_total{guard="replay",verdict="answer",stage="enforce"}')).toBe(32);
    expect(metric(text, hits)).toBe(32);
    expect(await slow.probe({ kernelKey: PUBLIC_KEY })).toEqual({ uses: 1 });

    const records = await slow.ledger((all) => all.length === 33);
    expect(records.filter(({ outcome }) => outcome === 'allow').length).toBe(1);
    expect(records.filter(({ outcome, code }) => outcome === 'answer' && code === 'PTC_D701').length).toBe(32);
    expect(new Set(records.map(({ pcs_id }) => pcs_id))).toEqual(new Set([JSON.parse(body).pcs_id]));
  } finally {
    await slow.stop();
  }
}, 60_000);

test('the first accepted body keeps the id; another one is answered by itself and not remembered', async () => {
  const record = wireRecord({ attempt: 1 });
  const first = await submit('acme', record);
  const other = await submit('acme', { ...record, attempt: 2 });
  expect([first.status, other.status]).toEqual([200, 200]);
  expect(other.json.decision_id).not.toBe(first.json.decision_id);
  expect((await submit('acme', record)).text).toBe(first.text);
  expect((await submit('acme', { ...record, attempt: 2 })).text).not.toBe(other.text);
  expect((await submit('prover', proven(record))).json.outcome).toBe('accepted');
});

test('a quota counts for its tenant only, over records and notes together', async () => {
  const answers = [await submit('small', wireRecord()), await note('small', 'a'), await note('small', 'b')];
  expect(answers.map(({ status }) => status)).toEqual([200, 201, 201]);
  const refused = await submit('small', wireRecord());
  expect([refused.status, refused.json.code]).toEqual([429, 'PTC_D602']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.headers.get('ratelimit')).toMatch(/^"daily";r=0;t=\d+$/);
  expect((await submit('acme', wireRecord())).status).toBe(200);
  const exceeded = 'flk_quota_exceeded_by_tenant{tenant_id="small"}';
  expect(metric(await worker.metrics((text) => text.includes(exceeded)), exceeded)).toBe(1);
});

test('nobody gets in without a signature, or reads the metrics without the token', async () => {
  expect((await note('acme', 'x', 'another key')).json.code).toBe('PTC_D303');
  expect((await note('nobody', 'x')).json.code).toBe('PTC_D304');
  for (const token of ['', 'Bearer wrong', METRICS_TOKEN]) {
    const answer = await fetch(`${worker.url}metrics`, { headers: { authorization: token } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([401, 'application/problem+json']);
  }
  expect((await fetch(`${worker.url}v1/notes`)).status).toBe(405);
  expect((await fetch(`${worker.url}elsewhere`)).status).toBe(404);
  expect(await (await fetch(`${worker.url}health`)).text()).toBe('OK');
});

test('the metrics are a text that Prometheus reads: one header a metric, cumulative buckets', async () => {
  await submit('acme', wireRecord());
  const text = await worker.metrics((found) => found.includes('guard="replay"'));
  const types = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
  expect(new Set(types).size).toBe(types.length);
  for (const line of text.trimEnd().split('\n')) {
    expect(line).toMatch(/^(?:# (?:HELP|TYPE) [a-z_]+ .+|[A-Za-z_]+(?:\{(?:[a-z_]+="[^"\\]*",?)+\})? [\d.e+-]+)$/);
  }
  const counts = [...text.matchAll(/^portcullis_guard_seconds_bucket\{guard="replay",le="(.+)"\} (\d+)$/gm)];
  const values = counts.map(([, , value]) => Number(value));
  expect(values).toEqual([...values].sort((a, b) => a - b));
  expect(values.at(-1)).toBe(metric(text, 'portcullis_guard_seconds_count{guard="replay"}'));
});

describe('what the objects are asked, they answer as the stores in memory do', () => {
  test('claims, commits and releases in random order', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { objects, memory } = await worker.probe<Record<'objects' | 'memory', unknown[]>>({ replays: seed });
      expect(objects, `seed ${seed}`).toEqual(memory);
      expect(memory.length).toBeGreaterThan(30);
    }
  });

  test('takes, peeks and charges in random order', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { objects, memory } = await worker.probe<Record<'objects' | 'memory', unknown[]>>({ rates: seed });
      expect(objects, `seed ${seed}`).toEqual(memory);
      expect(JSON.stringify(memory)).toContain('false');
    }
  });
});

test('a claim that nobody ends is given up in time; until then equal requests wait no longer than a guard does', async () => {
  expect(await worker.probe({ lifetime: true })).toEqual([
    { kind: 'new' },
    { kind: 'busy' },
    { kind: 'new' },
    { kind: 'stored' },
    { kind: 'new' },
  ]);
});

test('quotas and answers outlive the process', async () => {
  const persist = await tempDirectory();
  const body = await signedBody(wireRecord(), 'key-of-small');
  const first = await startExample({ tenants, persist });
  let answer = '';
  try {
    answer = (await first.post('/v1/pcs/submit', 'small', body)).text;
    expect(JSON.parse(answer).outcome).toBe('accepted');
  } finally {
    await first.stop();
  }
  const second = await startExample({ tenants, persist });
  try {
    expect((await second.post('/v1/pcs/submit', 'small', body)).text).toBe(answer);
    expect((await note('small', 'third', undefined, second)).status).toBe(201);
    expect((await note('small', 'fourth', undefined, second)).status).toBe(429);
  } finally {
    await second.stop();
  }
}, 60_000);

describe('when a service is out', () => {
  test.each([
    ['RATES', 'PTC_D801', 'rate-limit'],
    ['REPLAYS', 'PTC_D801', 'replay'],
    ['LEDGER', 'PTC_D803', 'ledger'],
  ] as const)(
    '%s: 503 with Retry-After',
    async (binding, code, guard) => {
      const broken = await startExample({ tenants, broken: binding });
      try {
        const answer = await submit('acme', wireRecord(), broken);
        expect([answer.status, answer.headers.get('retry-after'), answer.json]).toEqual([
          503,
          '1',
          expect.objectContaining({ code, guard }),
        ]);
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
        expect(answer.text).not.toContain('out of order');
      } finally {
        await broken.stop();
      }
    },
    60_000,
  );

  test('METRICS: records are accepted, and only the metrics are not to be had', async () => {
    const broken = await startExample({ tenants, broken: 'METRICS' });
    try {
      expect((await submit('acme', wireRecord(), broken)).status).toBe(200);
      const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
      expect((await fetch(`${broken.url}metrics`, { headers })).status).toBe(503);
    } finally {
      await broken.stop();
    }
  }, 60_000);
});

test('a Worker that is configured wrong lets nothing through', async () => {
  const wrong = await startExample({ tenants, env: { METRICS_TOKEN: 'short' } });
  try {
    expect((await submit('acme', wireRecord(), wrong)).status).toBe(500);
  } finally {
    await wrong.stop();
  }
}, 60_000);
