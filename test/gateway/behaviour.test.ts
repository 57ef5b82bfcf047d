import { createHash } from 'node:crypto';
import { readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readInboxLog } from '../../gateway/inbox-log.ts';
import { DEFAULT_PCS_POLICY } from '../../src/pcs/policy.ts';
import { policyHash } from '../../src/pcs/policy-hash.ts';
import { createPcsRecords } from '../../src/testing/pcs-records.ts';
import { EXPRESS_VERSIONS } from '../helpers/expresses.ts';
import { metric, startTestGateway } from '../helpers/gateway.ts';
import { send } from '../helpers/http.ts';
import { tempDirectory } from '../helpers/temp.ts';

const records = createPcsRecords();

async function ledgerLines(directory: string): Promise<Record<string, unknown>[]> {
  const files = await readdir(join(directory, 'ledger'), { recursive: true });
  const texts = await Promise.all(
    files.filter((name) => name.endsWith('.jsonl')).map((name) => readFile(join(directory, 'ledger', name), 'utf8')),
  );
  return texts.flatMap((text) => text.trimEnd().split('\n')).map((line) => JSON.parse(line));
}

test.each(EXPRESS_VERSIONS)(
  'express %i: 64 concurrent posts of one body are verified once and answered alike',
  async (version) => {
    const { submit, metrics, directory } = await startTestGateway({}, version);
    const body = await records.body();
    const answers = await Promise.all(Array.from({ length: 64 }, () => submit(body)));
    expect(new Set(answers.map(({ status, body: text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    const text = await metrics();
    expect(metric(text, 'portcullis_verdicts_total{guard="recompute",verdict="pass",stage="enforce"}')).toBe(1);
    expect(metric(text, 'flk_ingest_total')).toBe(64);
    expect(metric(text, 'flk_accepted')).toBe(1);
    expect(metric(text, 'flk_dedup_hits')).toBe(63);
    expect((await ledgerLines(directory)).length).toBe(64);
  },
);

test('every decision has one ledger record, refusals included, and the inbox what was parsed', async () => {
  const { submit, directory } = await startTestGateway({ REGION: 'eu-1' });
  const record = await records.next();
  const sent = JSON.stringify(record);
  const accepted = await submit(sent);
  const refused = await submit('{"broken":');
  const unknown = await submit('{}', { 'x-tenant-id': 'nobody' });
  const escalated = await submit(await records.body({ regime: 'sticky' }));
  const lines = await ledgerLines(directory);
  expect(lines.map(({ decision_id }) => decision_id)).toEqual(
    [accepted, refused, unknown, escalated].map(({ json }) => json.decision_id),
  );
  expect(lines[0]).toMatchObject({
    kind: 'decision',
    tenant: 'default',
    outcome: 'allow',
    status: 200,
    code: null,
    pcs_id: record.pcs_id,
    merkle_root: record.merkle_root,
    shard_id: record.shard_id,
    epoch: record.epoch,
    D_hat: Number(record.D_hat).toFixed(9),
    coh_star: Number(record.coh_star).toFixed(9),
    r: Number(record.r).toFixed(9),
    budget: Number(record.budget).toFixed(9),
    regime: record.regime,
    body_digest: createHash('sha256').update(sent).digest('hex'),
    policy_version: '0.1',
    policy_hash: policyHash(DEFAULT_PCS_POLICY),
    region: 'eu-1',
    key_id: 'hmac-1',
    // No number of this record is written differently in Python, so either profile fits.
    signature_profile: expect.stringMatching(/^(py|js)-direct$/),
  });
  expect(lines[1]).toMatchObject({ outcome: 'deny', status: 400, code: 'PTC_D105', guard: 'pcs-format' });
  expect(lines[1]?.body_digest).toBe(createHash('sha256').update('{"broken":').digest('hex'));
  expect(lines[2]).toMatchObject({ tenant: null, status: 401, code: 'PTC_D304', body_digest: null });
  expect(lines[3]).toMatchObject({ outcome: 'escalate', status: 202, reasons: ['regime_mismatch'] });
  const bodies: string[] = [];
  for await (const { body } of readInboxLog(join(directory, 'wal'))) bodies.push(Buffer.from(body).toString('utf8'));
  expect(bodies.length).toBe(3);
  expect(bodies[1]).toBe('{"broken":');
});

test('what redaction changes is redacted in the inbox too; the signature still holds', async () => {
  const { submit, directory } = await startTestGateway({ PII_SCAN_MODE: 'redact' });
  const answer = await submit(await records.body({ note: 'call (415) 555-2671' }));
  expect(answer.status).toBe(200);
  for await (const { body } of readInboxLog(join(directory, 'wal'))) {
    expect(JSON.parse(Buffer.from(body).toString('utf8')).note).toBe('call [REDACTED_PHONE]');
  }
});

test('personal data in a signed field blocks in redact mode too', async () => {
  const { submit } = await startTestGateway({ PII_SCAN_MODE: 'redact' });
  const answer = await submit(await records.body({ shard_id: '415-555-2671' }));
  expect(answer.json).toMatchObject({ status: 400, code: 'PTC_D201', guard: 'pii' });
});

test.each(EXPRESS_VERSIONS)(
  'express %i: a ledger that takes nothing: 503 with Retry-After, not ready, and well again by itself',
  async (version) => {
    const { gateway, submit, directory, metrics } = await startTestGateway({}, version);
    const ready = (): ReturnType<typeof send> => send(gateway.port, { method: 'GET', path: '/ready' });
    expect((await ready()).status).toBe(200);
    // A file where the directory of the year should be.
    const year = join(directory, 'ledger', String(new Date().getUTCFullYear()));
    await writeFile(year, '');
    const body = await records.body();
    const refused = await submit(body);
    expect(refused.json).toMatchObject({ status: 503, code: 'PTC_D803', guard: 'ledger' });
    expect(refused.headers['retry-after']).toBe('1');
    expect([(await ready()).status, (await ready()).body]).toEqual([503, '{"ready":false,"failing":["ledger"]}']);
    await rm(year);
    const accepted = await submit(body);
    expect(accepted.status).toBe(200);
    expect((await ready()).status).toBe(200);
    expect(metric(await metrics(), 'flk_dedup_hits')).toBe(0);
  },
);

test.each(EXPRESS_VERSIONS)(
  'express %i: an inbox whose disk is full: 503 with Retry-After, not ready, counted',
  async (version) => {
    const directory = await tempDirectory();
    await symlink('/dev/full', join(directory, 'inbox-000001.log'));
    const { gateway, submit, metrics, log } = await startTestGateway({ WAL_DIR: directory }, version);
    const refused = await submit(await records.body());
    expect(refused.json).toMatchObject({ status: 503, code: 'PTC_D801', guard: 'inbox' });
    expect(refused.headers['retry-after']).toBe('1');
    const ready = await send(gateway.port, { method: 'GET', path: '/ready' });
    expect([ready.status, ready.body]).toEqual([503, '{"ready":false,"failing":["inbox"]}']);
    expect(metric(await metrics(), 'flk_wal_errors')).toBe(1);
    expect(log.some((line) => line.includes('"event":"fault"') && line.includes('"error":"ENOSPC"'))).toBe(true);
  },
);

test('metrics: every series of the contract is there, Basic authentication holds', async () => {
  const { gateway, submit, metrics } = await startTestGateway();
  await submit(await records.body());
  const text = await metrics();
  for (const name of [
    'flk_ingest_total',
    'flk_dedup_hits',
    'flk_accepted',
    'flk_escalated',
    'flk_signature_errors',
    'flk_wal_errors',
    'flk_ingest_total_by_tenant',
    'flk_dedup_hits_by_tenant',
    'flk_accepted_by_tenant',
    'flk_escalated_by_tenant',
    'flk_signature_errors_by_tenant',
    'flk_quota_exceeded_by_tenant',
    'flk_vrf_invalid_total',
    'flk_vrf_proofs_by_tenant',
    'flk_sanity_check_failed',
    'flk_pii_detections_total',
    'flk_anomaly_score',
    'portcullis_verdicts_total',
    'portcullis_would_total',
    'portcullis_guard_seconds',
    'portcullis_over_budget_total',
    'portcullis_guard_errors_total',
  ]) {
    expect(text, name).toMatch(new RegExp(`^# TYPE ${name} (counter|histogram)$`, 'm'));
  }
  // Bounds of the sanity row of the budget, in seconds.
  for (const le of ['0.0003', '0.0005', '0.001']) {
    expect(text).toContain(`portcullis_guard_seconds_bucket{le="${le}",guard="sanity"}`);
  }
  expect((await send(gateway.port, { method: 'GET', path: '/metrics' })).headers['content-type']).toContain(
    'version=0.0.4',
  );

  const closed = await startTestGateway({ METRICS_USER: 'ops', METRICS_PASS: 'a:b' });
  const ask = async (authorization?: string): Promise<number> => {
    const headers = authorization === undefined ? {} : { authorization };
    return (await send(closed.gateway.port, { method: 'GET', path: '/metrics', headers })).status;
  };
  expect(await ask()).toBe(401);
  expect(await ask(`Basic ${Buffer.from('ops:wrong').toString('base64')}`)).toBe(401);
  expect(await ask(`Basic ${Buffer.from('ops:a:b').toString('base64')}`)).toBe(200);
});

test('stages of a tenant are its own: report-only for one, enforced for the other', async () => {
  const directory = await tempDirectory();
  const path = join(directory, 'tenants.json');
  const tenant = (id: string, stages: object): object => ({
    id,
    keys: [{ id: 'k', alg: 'hmac', key: `key-of-${id}` }],
    stages,
  });
  await writeFile(
    path,
    JSON.stringify({ tenants: [tenant('soft', { recompute: 'report-only' }), tenant('hard', {})] }),
  );
  const { submit, metrics } = await startTestGateway({ TENANTS_FILE: path, PCS_SIGN_ALG: '', PCS_HMAC_KEY: '' });
  for (const [id, status] of [
    ['soft', 200],
    ['hard', 202],
  ] as const) {
    const body = await createPcsRecords({ sign: { alg: 'hmac', key: `key-of-${id}` } }).body({ regime: 'sticky' });
    expect((await submit(body, { 'x-tenant-id': id })).status).toBe(status);
  }
  expect(metric(await metrics(), 'portcullis_would_total{guard="recompute",verdict="escalate"}')).toBe(1);
});

test.each(EXPRESS_VERSIONS)(
  'express %i: a body with 125,000 addresses, redacted, is decided, recorded and answered',
  async (version) => {
    const { submit, directory } = await startTestGateway({ PII_SCAN_MODE: 'redact' }, version);
    const addresses = 'a@b.co,'.repeat(125_000);
    for (const [body, type] of [
      [addresses, 'text/plain'],
      [JSON.stringify(addresses), 'application/json'],
    ] as const) {
      expect((await submit(body, { 'content-type': type })).status).toBe(type === 'text/plain' ? 415 : 400);
    }
    const lines = await ledgerLines(directory);
    expect(lines.map(({ status, code }) => [status, code])).toEqual([
      [415, 'PTC_D104'],
      [400, 'PTC_D402'],
    ]);
    const inbox = JSON.stringify(await readInboxLog(join(directory, 'wal')));
    expect(inbox).not.toContain('a@b.co');
  },
);
