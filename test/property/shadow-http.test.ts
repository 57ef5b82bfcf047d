import { gzipSync } from 'node:zlib';
import type { ErrorRequestHandler, Express } from 'express';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { portcullis } from '../../middleware/express.ts';
import { createGate, type Gate } from '../../src/gate.ts';
import { pcsAnswer } from '../../src/pcs/answer.ts';
import { pcsGuards, tenantFromHeader } from '../../src/pcs/preset.ts';
import { createTenants } from '../../src/tenancy/registry.ts';
import { createRecorder } from '../../src/testing/recorder.ts';
import { anyPath, EXPRESS_VERSIONS, EXPRESSES } from '../helpers/expresses.ts';
import { listen, send } from '../helpers/http.ts';
import { signedBody, wireRecord } from '../helpers/pcs.ts';

interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly chunks: readonly (string | Uint8Array)[];
}

const MAX_BODY_BYTES = 20_000;

const post = (tenant: string, body: string): Request => ({
  method: 'POST',
  path: '/v1/pcs/submit',
  headers: { 'content-type': 'application/json', 'x-tenant-id': tenant, 'content-length': String(body.length) },
  chunks: [body],
});

/** Requests that an enforcing gate would refuse, whatever chance brings: 401, 400, 400, 413. */
const MUST_SEE: readonly Request[] = [
  post('nobody', '{}'),
  post('t', '{"broken":'),
  post('blocking', '{"note":"jane.roe@example.org"}'),
  post('t', 'z'.repeat(MAX_BODY_BYTES + 1)),
];

/** An application that reads every kind of body and says exactly what it saw. */
function application(version: 4 | 5, gate: Gate | undefined, maxBodyBytes = MAX_BODY_BYTES): Express {
  const make = EXPRESSES[version];
  const app = make();
  if (gate !== undefined) app.use(portcullis(gate, { maxBodyBytes }));
  app.use(
    make.json({ limit: 10_000 }),
    make.urlencoded({ extended: false }),
    make.text({ type: 'text/*', limit: 2 ** 21 }),
    make.raw(),
  );
  app.all(anyPath(version), (req, res) => {
    const { body, method, originalUrl, headers } = req;
    res.status(201).json({ method, originalUrl, headers: { ...headers, host: '' }, body: body ?? null });
  });
  // Express' own error page holds a stack trace, and that does show whether there is a gate.
  const onError: ErrorRequestHandler = (error, _req, res, _next) => {
    res.status(error.status ?? 500).json({ type: error.type, message: error.message });
  };
  app.use(onError);
  return app;
}

function shadowGate(recorder: ReturnType<typeof createRecorder>): Gate {
  const tenants = createTenants([
    { id: 't', keys: [{ id: 'k', alg: 'hmac', key: 'testsecret' }], rate: 1, burst: 50, pii: { mode: 'redact' } },
    { id: 'blocking', keys: 'none', pii: { mode: 'block' } },
  ]);
  let records = 0;
  const appendRecord = async (): Promise<void> => {
    if (++records % 5 === 0) throw new Error('disk full');
  };
  const guards = pcsGuards({ tenants, appendRecord });
  return createGate({
    guards,
    stages: Object.fromEntries(guards.map(({ name }) => [name, 'report-only'])),
    tenant: tenantFromHeader(tenants, 't'),
    answer: pcsAnswer,
    sinks: [recorder],
  });
}

async function hostileAndGood(): Promise<fc.Arbitrary<Request>> {
  const good: string[] = [];
  for (let i = 0; i < 20; i++) good.push(await signedBody(wireRecord({}, i)));
  const text = fc.oneof(
    fc.constantFrom(...good),
    fc.constantFrom(...good).map((body) => body.replace(/"D_hat":[^,]*/, '"D_hat":9')),
    fc.constantFrom(...good).map((body) => body.replace('"sig":"', '"sig":"A')),
    fc.tuple(fc.constantFrom(...good), fc.nat(1_000)).map(([body, cut]) => body.slice(0, cut)),
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '{"a":1,"a":2}',
      `${'['.repeat(5_000)}`,
      '{"note":"jane.roe@example.org, 415-555-2671, 4111 1111 1111 1111"}',
      'a=jane.roe%40example.org',
      '{"x":1e999}',
      '',
      `{"x":"${'y'.repeat(15_000)}"}`,
      'z'.repeat(MAX_BODY_BYTES + 1),
    ),
  );
  const body: fc.Arbitrary<string | Uint8Array> = fc.oneof(
    { weight: 6, arbitrary: text },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );
  return fc
    .record({
      method: fc.constantFrom('POST', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE', 'GET', 'HEAD', 'OPTIONS'),
      path: fc.constantFrom('/v1/pcs/submit', '/', '/a?b=jane.roe@example.org', '/%00', '/x'.repeat(500)),
      type: fc.constantFrom(
        'application/json',
        'application/json',
        'application/json; charset=utf-8',
        'application/json; charset=utf-16',
        'text/plain',
        'application/x-www-form-urlencoded',
        'application/octet-stream',
        'multipart/form-data',
        undefined,
      ),
      tenant: fc.constantFrom(undefined, 't', 'blocking', 'nobody', '__proto__'),
      encoding: fc.constantFrom(undefined, undefined, undefined, 'gzip', 'wrong gzip', 'zstd'),
      declared: fc.boolean(),
      body,
    })
    .map(({ method, path, type, tenant, encoding, declared, body: plain }) => {
      const bytes = typeof plain === 'string' ? Buffer.from(plain) : plain;
      const wire = encoding === 'gzip' ? gzipSync(bytes) : bytes;
      const bodiless = method === 'GET' || method === 'HEAD';
      return {
        method,
        path,
        headers: {
          ...(type !== undefined && { 'content-type': type }),
          ...(tenant !== undefined && { 'x-tenant-id': tenant }),
          ...(encoding !== undefined && { 'content-encoding': encoding.replace('wrong ', '') }),
          ...(!bodiless &&
            (declared ? { 'content-length': String(wire.byteLength) } : { 'transfer-encoding': 'chunked' })),
        },
        chunks: bodiless ? [] : [wire.subarray(0, wire.byteLength >> 1), wire.subarray(wire.byteLength >> 1)],
      };
    });
}

describe.each(EXPRESS_VERSIONS)('express %i', (version) => {
  test('every guard report-only: 1000 requests, good and hostile, are answered byte for byte as without a gate', async () => {
    const recorder = createRecorder();
    const gate = shadowGate(recorder);
    const bare = await listen(application(version, undefined));
    const gated = await listen(application(version, gate));
    try {
      await fc.assert(
        fc.asyncProperty(await hostileAndGood(), async (request) => {
          const [expected, actual] = await Promise.all([send(bare.port, request), send(gated.port, request)]);
          const { date: _date, ...headers } = expected.headers;
          const { date: _other, ...actualHeaders } = actual.headers;
          expect([actual.status, actualHeaders, actual.body]).toEqual([expected.status, headers, expected.body]);
        }),
        { numRuns: 1_000, endOnFailure: true, examples: MUST_SEE.map((request) => [request]) },
      );
      await gate.flush();
      const would = new Set(recorder.decisions.map(({ wouldBe }) => wouldBe.code));
      // The gate did see what it let through: refusals of many kinds, and the full walk.
      expect(recorder.decisions.length).toBe(1_000);
      expect(recorder.decisions.every(({ outcome }) => outcome === 'allow')).toBe(true);
      expect([...would]).toEqual(expect.arrayContaining(['PTC_D101', 'PTC_D201', 'PTC_D304', 'PTC_D105', 'PTC_D803']));
    } finally {
      await bare.close();
      await gated.close();
    }
  });

  test.each(['text/plain', 'application/json'])(
    'every guard report-only: more than a hundred thousand matches in %s change nothing',
    async (type) => {
      const recorder = createRecorder();
      const gate = shadowGate(recorder);
      const bare = await listen(application(version, undefined));
      const gated = await listen(application(version, gate, 2 ** 21));
      const addresses = 'a@b.co,'.repeat(150_000);
      const request = post('t', type === 'text/plain' ? addresses : JSON.stringify(addresses));
      try {
        const sent = { ...request, headers: { ...request.headers, 'content-type': type } };
        const [expected, actual] = [await send(bare.port, sent), await send(gated.port, sent)];
        expect(actual.status).toBe(expected.status);
        expect(actual.body === expected.body).toBe(true);
        await gate.flush();
        const redaction = recorder.decisions[0]?.verdicts.find(({ guard }) => guard === 'pii')?.verdict;
        expect(redaction?.kind === 'redact' && redaction.patches.length).toBe(150_000);
      } finally {
        await bare.close();
        await gated.close();
      }
    },
  );
});
