import { describe, expect, test } from 'vitest';
import { encodeBase64 } from '../../src/base64.ts';
import { edwards25519Tai } from '../../src/guards/vrf/ecvrf.ts';
import { seedFromBeta } from '../../src/guards/vrf/seed.ts';
import { EXPRESS_VERSIONS } from '../helpers/expresses.ts';
import { metric, startTestGateway } from '../helpers/gateway.ts';
import { send } from '../helpers/http.ts';
import { idOf, realInputs, signedBody, type Wire, wireRecord } from '../helpers/pcs.ts';
import { SAMPLE } from '../pcs/sample.ts';

const PROBLEM = 'application/problem+json';

describe.each(EXPRESS_VERSIONS)('the answer table, on Express %i', (version) => {
  const start = (env: Record<string, string> = {}): ReturnType<typeof startTestGateway> =>
    startTestGateway(env, version);

  test('200: everything holds', async () => {
    const { submit } = await start();
    const record = wireRecord();
    const answer = await submit(await signedBody(record));
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.json).toEqual({
      pcs_id: record.pcs_id,
      outcome: 'accepted',
      accepted: true,
      escalated: false,
      D_hat: 1.061400545,
      // python3, contract §4: sorted slopes of N_j {2:7, 4:23, 8:48, 16:60}, element 3 of 6.
      recomputed_D_hat: 1.061400545,
      recomputed_budget: 0.338126471,
      regime: 'mixed',
      decision_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  const accepted: [string, Wire, string][] = [
    ['regime mismatch', { regime: 'sticky' }, 'regime_mismatch'],
    ['budget off by more than its tolerance', { budget: 0.36 }, 'budget_mismatch'],
  ];
  test.each(accepted)('202, accepted: %s', async (_name, overrides, reason) => {
    const { submit } = await start();
    const answer = await submit(await signedBody(wireRecord(overrides)));
    expect([answer.status, answer.json]).toMatchObject([
      202,
      { outcome: 'escalated', accepted: true, escalated: true, reason },
    ]);
  });

  const escalated: [string, Wire, string][] = [
    // 1.061400545 + 0.15 is still within the tolerance; one billionth more is not.
    ['D_hat off by more than tol_D', { D_hat: 1.211400546 }, 'd_hat_mismatch'],
    ['coherence above 1 + tol_coh', { coh_star: 1.050000001 }, 'coherence_out_of_bounds'],
    ['coherence below 0', { coh_star: -0.000000001 }, 'coherence_out_of_bounds'],
    ['N_j missing for a scale', { N_j: { 2: 7, 4: 23, 8: 48 } }, 'nj_missing'],
    ['r out of range', { r: 1.1 }, 'signal_out_of_range'],
    ['budget out of range', { budget: -0.1 }, 'signal_out_of_range'],
    ['N_j not monotonic', { N_j: { 2: 7, 4: 23, 8: 22, 16: 60 } }, 'nj_not_monotonic'],
  ];
  test.each(escalated)('202, not accepted: %s', async (_name, overrides, reason) => {
    const { submit } = await start();
    const answer = await submit(await signedBody(wireRecord(overrides)));
    expect([answer.status, answer.json]).toMatchObject([
      202,
      { outcome: 'escalated', accepted: false, escalated: true, reason },
    ]);
  });

  test('200 at the very edge of tol_D', async () => {
    const { submit } = await start();
    const answer = await submit(await signedBody(wireRecord({ D_hat: 1.211400545 })));
    expect(answer.status).toBe(200);
  });

  test('202: anomaly score over the escalate threshold, accepted as recomputed', async () => {
    const { submit } = await start();
    // A point: one box at every scale, so D_hat 0; and incompressible. Two extreme factors escalate.
    const record = wireRecord({
      N_j: { 2: 1, 4: 1, 8: 1, 16: 1 },
      D_hat: 0,
      r: 1,
      // 0.1 + 0.3·0 + 0.5·0 + 0.2·0.234375
      budget: 0.146875,
    });
    const answer = await submit(await signedBody(record));
    expect([answer.status, answer.json]).toMatchObject([202, { accepted: true, escalated: true, reason: 'anomaly' }]);
  });

  test('a replay: the first status and body, byte for byte', async () => {
    const { submit } = await start();
    for (const overrides of [{}, { regime: 'sticky' }]) {
      const body = await signedBody(wireRecord(overrides));
      const first = await submit(body);
      const second = await submit(body);
      expect([second.status, second.body]).toEqual([first.status, first.body]);
    }
  });

  test('the same id with another validly signed body is judged afresh', async () => {
    const { submit } = await start();
    const record = wireRecord();
    expect((await submit(await signedBody(record))).status).toBe(200);
    const other = await submit(await signedBody({ ...record, regime: 'sticky' }));
    expect([other.status, other.json.reason]).toEqual([202, 'regime_mismatch']);
    const back = await submit(await signedBody(record));
    expect(back.status).toBe(200);
  });

  const malformed: [string, () => string | Promise<string>, string][] = [
    ['malformed JSON', () => '{"pcs_id":', 'PTC_D105'],
    ['an empty body', () => '', 'PTC_D105'],
    ['a duplicate key', async () => `{"epoch":1,${(await signedBody(wireRecord())).slice(1)}`, 'PTC_D107'],
    ['nesting deeper than 32', () => `{"x":${'['.repeat(33)}${']'.repeat(33)}}`, 'PTC_D108'],
    ['a missing field', () => signedBody(wireRecord({ regime: undefined })), 'PTC_D401'],
    ['an ill-typed field', () => signedBody(wireRecord({ attempt: '1' })), 'PTC_D402'],
    ['the wrong schema', () => signedBody(wireRecord({ schema: 'other' })), 'PTC_D403'],
    ['bad hex', () => signedBody(wireRecord({ merkle_root: 'Z'.repeat(64) })), 'PTC_D402'],
    ['a pcs_id that does not match', () => signedBody(wireRecord({ pcs_id: '0'.repeat(64) })), 'PTC_D405'],
    ['a scale of 0', () => signedBody(wireRecord({ scales: [0, 2, 4], N_j: { 0: 1, 2: 1, 4: 1 } })), 'PTC_D406'],
    ['a scale over 1024', () => signedBody(wireRecord({ scales: [2, 1025], N_j: { 2: 1, 1025: 1 } })), 'PTC_D406'],
  ];
  test.each(malformed)('400: %s', async (_name, body, code) => {
    const { submit } = await start();
    const answer = await submit(await body());
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe(PROBLEM);
    expect(answer.json).toMatchObject({ status: 400, code, error: answer.json.title });
  });

  test('400: bytes that are not UTF-8', async () => {
    const { submit } = await start();
    const answer = await submit(Uint8Array.from([0x22, 0xff, 0x22]));
    expect([answer.status, answer.json.code]).toEqual([400, 'PTC_D106']);
  });

  test('400: a schema version in the header that is not supported, with the list', async () => {
    const { submit } = await start();
    const body = await signedBody(wireRecord());
    expect((await submit(body, { 'x-pcs-schema-version': '9.9' })).json).toMatchObject({
      status: 400,
      code: 'PTC_D404',
      detail: expect.stringContaining('0.1'),
    });
    expect((await submit(body, { 'x-pcs-schema-version': '0.1' })).status).toBe(200);
  });

  test('400: personal data in block mode; let through in detect mode; replaced in redact mode', async () => {
    const record = wireRecord({ note: 'write to jane.roe@example.org' });
    const blocked = await (await start({ PII_SCAN_MODE: 'block' })).submit(await signedBody(record));
    expect(blocked.json).toMatchObject({
      status: 400,
      code: 'PTC_D201',
      guard: 'pii',
      findings: [{ rule: 'pii/email', place: { in: 'body', pointer: '/note', start: 9, end: 29 } }],
    });
    expect(blocked.body).not.toContain('jane');
    for (const mode of ['detect', 'redact']) {
      expect((await (await start({ PII_SCAN_MODE: mode })).submit(await signedBody(record))).status).toBe(200);
    }
  });

  test.each([
    'text/xml; charset=iso-8859-1',
    'garbage',
    'application/pdf; x=1; x=2',
    'application/json; charset=latin1',
    'text/plain',
  ])('415: %s, whatever happens to personal data', async (type) => {
    for (const mode of ['detect', 'block', 'redact']) {
      const { submit } = await start({ PII_SCAN_MODE: mode });
      const answer = await submit(await signedBody(wireRecord()), { 'content-type': type });
      expect([answer.status, answer.json.code]).toEqual([415, 'PTC_D104']);
    }
  });

  test('401: signature missing, malformed, wrong', async () => {
    const { submit } = await start();
    const record = wireRecord();
    const codes: unknown[] = [];
    for (const sig of ['', 'AAAA', encodeBase64(new Uint8Array(32))]) {
      const answer = await submit(JSON.stringify({ ...record, sig }));
      expect([answer.status, answer.headers['content-type']]).toEqual([401, PROBLEM]);
      codes.push(answer.json.code);
    }
    expect(codes).toEqual(['PTC_D301', 'PTC_D302', 'PTC_D303']);
    expect((await submit(await signedBody(record, 'another key'))).status).toBe(401);
    expect((await submit(await signedBody(record))).status).toBe(200);
  });

  test('401: VRF proof missing or invalid; 200 with a valid one; report-only lets both through', async () => {
    const secret = new Uint8Array(32).fill(5);
    const VRF_PUB_B64 = encodeBase64(edwards25519Tai.publicKey(secret));
    const enforced = await start({ VRF_PUB_B64 });
    const shadow = await start({ VRF_PUB_B64, VRF_MODE: 'report_only' });
    const record = wireRecord();
    const alpha = new TextEncoder().encode(`pcs-vrf-v1:${record.pcs_id}`);
    const proof = edwards25519Tai.prove(secret, alpha);
    const result = edwards25519Tai.verify(edwards25519Tai.publicKey(secret), alpha, proof);
    const seed = result.valid ? Number(seedFromBeta(result.beta)) : -1;
    const forged = edwards25519Tai.prove(new Uint8Array(32).fill(6), alpha);
    const cases: [Wire, number, string | undefined][] = [
      [record, 401, 'PTC_D306'],
      [{ ...record, seed, vrf_proof: encodeBase64(forged) }, 401, 'PTC_D305'],
      [{ ...record, vrf_proof: encodeBase64(proof) }, 401, 'PTC_D305'],
      [{ ...record, seed, vrf_proof: encodeBase64(proof) }, 200, undefined],
    ];
    for (const [wire, status, code] of cases) {
      const answer = await enforced.submit(await signedBody(wire));
      expect([answer.status, answer.json.code]).toEqual([status, code]);
      expect((await shadow.submit(await signedBody(wire))).status).toBe(200);
    }
    expect(metric(await shadow.metrics(), 'flk_vrf_invalid_total')).toBe(3);
  });

  test('401: unknown or deactivated tenant, and no tenant where none is the default', async () => {
    const TENANTS = 'acme:hmac:acme-key:with:colons,globex:hmac:globex-key';
    const { submit, metrics } = await start({ TENANTS, PCS_SIGN_ALG: '', PCS_HMAC_KEY: '' });
    const body = await signedBody(wireRecord(), 'acme-key:with:colons');
    expect((await submit(body, { 'x-tenant-id': 'acme' })).status).toBe(200);
    expect((await submit(body, { 'x-tenant-id': 'globex' })).json.code).toBe('PTC_D303');
    for (const headers of [{ 'x-tenant-id': 'nobody' }, { 'x-tenant-id': '__proto__' }, {}]) {
      const answer = await submit(body, headers as Record<string, string>);
      expect([answer.status, answer.json.code, answer.json.guard]).toEqual([401, 'PTC_D304', 'tenant']);
    }
    const text = await metrics();
    expect(text).not.toContain('nobody');
    expect(metric(text, 'flk_accepted_by_tenant{tenant_id="acme"}')).toBe(1);
    expect(metric(text, 'flk_signature_errors_by_tenant{tenant_id="globex"}')).toBe(1);
  });

  test('405 with Allow, and 404', async () => {
    const { gateway } = await start();
    for (const [method, path, allow] of [
      ['GET', '/v1/pcs/submit', 'POST'],
      ['DELETE', '/v1/pcs/submit', 'POST'],
      ['POST', '/health', 'GET, HEAD'],
      ['PUT', '/metrics', 'GET, HEAD'],
    ] as const) {
      const answer = await send(gateway.port, { method, path });
      expect([answer.status, answer.headers.allow, answer.headers['content-type']]).toEqual([405, allow, PROBLEM]);
    }
    const missing = await send(gateway.port, { method: 'GET', path: '/nothing' });
    expect([missing.status, missing.headers['content-type']]).toEqual([404, PROBLEM]);
  });

  test('413: a body over 1 MiB', async () => {
    const { submit } = await start();
    const answer = await submit(JSON.stringify({ x: 'x'.repeat(1_048_576) }));
    expect([answer.status, answer.json.code]).toEqual([413, 'PTC_D101']);
  });

  test('415: a content type that is there and not JSON', async () => {
    const { submit, gateway } = await start();
    const body = await signedBody(wireRecord());
    expect((await submit(body, { 'content-type': 'text/plain' })).json).toMatchObject({
      status: 415,
      code: 'PTC_D104',
    });
    for (const type of ['application/json; charset=utf-8', 'application/vnd.pcs+json']) {
      expect((await submit(await signedBody(wireRecord()), { 'content-type': type })).status).toBe(200);
    }
    const untyped = await send(gateway.port, { path: '/v1/pcs/submit', chunks: [await signedBody(wireRecord())] });
    expect(untyped.status).toBe(200);
  });

  test('429 above the rate and the quota, with the true wait and RateLimit headers', async () => {
    const quick = await start({ TOKEN_RATE: '1' });
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await quick.submit(await signedBody(wireRecord())));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2]?.headers['retry-after']).toBe('1');
    expect(answers[2]?.headers['ratelimit-policy']).toBeDefined();
    expect(answers[2]?.headers.ratelimit).toBeDefined();
    expect(answers[2]?.json).toMatchObject({ code: 'PTC_D601', guard: 'rate-limit' });

    const daily = await start({ DAILY_QUOTA: '1' });
    expect((await daily.submit(await signedBody(wireRecord()))).status).toBe(200);
    const over = await daily.submit(await signedBody(wireRecord()));
    expect(over.json).toMatchObject({ status: 429, code: 'PTC_D602' });
    const wait = Number(over.headers['retry-after']);
    const toMidnight = (86_400_000 - (Date.now() % 86_400_000)) / 1000;
    expect(Math.abs(wait - toMidnight)).toBeLessThan(5);
  });

  test('429 for a source that fails to authenticate too often; tenants’ tokens are not spent', async () => {
    const { submit } = await start({ TOKEN_RATE: '1' });
    const bad = await signedBody(wireRecord(), 'wrong key');
    const statuses: number[] = [];
    for (let i = 0; i < 21; i++) statuses.push((await submit(bad)).status);
    expect(statuses).toEqual([...Array(20).fill(401), 429]);
    const answer = await submit(await signedBody(wireRecord()));
    expect(answer.json).toMatchObject({ code: 'PTC_D603', guard: 'source-limit' });
  });

  test('clients of all four profiles are accepted', async () => {
    const { submit } = await start();
    for (const profile of ['py-digest', 'py-direct', 'js-digest', 'js-direct'] as const) {
      const answer = await submit(
        await signedBody(wireRecord({ coh_star: 1, budget: 0.491251471, regime: 'sticky' }), 'testsecret', profile),
      );
      expect(answer.status, profile).toBe(200);
    }
  });

  test('the worked example of the contract is accepted, its signature made elsewhere', async () => {
    const { submit } = await start();
    expect(idOf(SAMPLE)).toBe(SAMPLE.pcs_id);
    const answer = await submit(JSON.stringify(SAMPLE));
    expect([answer.status, answer.json.recomputed_D_hat]).toEqual([200, 1]);
  });

  test('all real records, completed with id, signature and ft, get 200', async () => {
    const { submit, metrics } = await start({ TOKEN_RATE: '10000' });
    const statuses = new Map<number, number>();
    for (let input = 0; input < realInputs().length; input++) {
      const { status } = await submit(await signedBody(wireRecord({}, input)));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses]).toEqual([[200, 510]]);
    expect(metric(await metrics(), 'flk_accepted')).toBe(510);
  });
});
