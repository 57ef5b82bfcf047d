import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeBase64 } from '../../src/base64.ts';
import { edwards25519Tai } from '../../src/guards/vrf/ecvrf.ts';
import { startTestGateway } from '../helpers/gateway.ts';
import { send } from '../helpers/http.ts';
import { signedBody, type Wire, wireRecord } from '../helpers/pcs.ts';

/** Values that must turn up nowhere: keys first, then personal data, then parts of a request. */
const HMAC_KEY = 'canary-hmac-key-7f3a91';
const METRICS_PASS = 'canary-metrics-pass-55d2';
const EMAIL = 'canary.person@example.org';
const SSN = '536-22-8841';
const CARD = '4539 1488 0343 6467';
const PHONE = '(415) 555-2671';
const QUERY = 'canary-query-90c1';
const HEADER = 'canary-header-44ab';
const TENANT = 'canary-tenant-13fe';
const FIELD = 'canary-field-8d20';

const PERSONAL = [EMAIL, SSN, CARD, PHONE];
const OTHERS = [QUERY, HEADER, TENANT];
const KEYS = [HMAC_KEY, METRICS_PASS, Buffer.from(HMAC_KEY).toString('base64'), Buffer.from(HMAC_KEY).toString('hex')];

async function allFiles(directory: string): Promise<{ path: string; text: string }[]> {
  const files: { path: string; text: string }[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.push({ path, text: await readFile(path, 'latin1') });
  }
  return files;
}

/** Personal data in every place a client can choose, in records that are otherwise right, wrong, or no JSON. */
async function plantedBodies(): Promise<string[]> {
  const signed = (overrides: Wire): Promise<string> => signedBody(wireRecord(overrides), HMAC_KEY);
  return [
    await signed({}),
    await signed({ note: EMAIL }),
    await signed({ deep: [{ er: `call ${PHONE} or ${SSN}` }] }),
    await signed({ [EMAIL]: FIELD, card: CARD }),
    await signed({ note: EMAIL, regime: 'sticky' }),
    await signed({ note: CARD, D_hat: 9 }),
    await signed({ ft: { outbox_seq: 1, degraded: false, fallbacks: [SSN], clock_skew_ms: 0 } }),
    await signed({ schema: EMAIL }),
    await signed({ regime: `${CARD} ${FIELD}` }),
    await signed({ sent_at: PHONE }),
    await signedBody(wireRecord({ note: SSN }), 'another key'),
    `{"note":"${EMAIL}","note":"${SSN}"}`,
    `{"note":"${EMAIL}"`,
    `not json: ${EMAIL} ${PHONE}`,
    '{"a":'.repeat(40) + JSON.stringify(EMAIL),
  ];
}

describe.each(['block', 'redact', 'detect'] as const)('PII_SCAN_MODE=%s', (mode) => {
  test('no key and no personal data in any answer, log line, metric or file', async () => {
    const vrfSecret = new Uint8Array(32).fill(0x5c);
    const { gateway, directory, log } = await startTestGateway({
      PCS_HMAC_KEY: HMAC_KEY,
      METRICS_USER: 'ops',
      METRICS_PASS,
      PII_SCAN_MODE: mode,
      VRF_PUB_B64: encodeBase64(edwards25519Tai.publicKey(vrfSecret)),
      VRF_MODE: 'report_only',
    });
    const answers: string[] = [];
    const ask = async (path: string, headers: Record<string, string>, body: string, method = 'POST'): Promise<void> => {
      const answer = await send(gateway.port, { method, path, headers, chunks: [body] });
      answers.push(JSON.stringify(answer));
    };
    const json = { 'content-type': 'application/json', 'x-canary': HEADER };
    for (const body of await plantedBodies()) {
      await ask(`/v1/pcs/submit?q=${QUERY}`, json, body);
      await ask(`/v1/pcs/submit?q=${QUERY}`, json, body);
      await ask(`/v1/pcs/submit`, { ...json, 'x-tenant-id': TENANT }, body);
      await ask(`/v1/pcs/submit`, { ...json, 'content-type': `text/${FIELD}` }, body);
    }
    await ask(`/${QUERY}`, json, EMAIL);
    await ask('/v1/pcs/submit', json, EMAIL, 'PUT');
    await ask('/metrics', { authorization: `Basic ${Buffer.from(`ops:${QUERY}`).toString('base64')}` }, '', 'GET');
    const authorization = `Basic ${Buffer.from(`ops:${METRICS_PASS}`).toString('base64')}`;
    const metrics = (await send(gateway.port, { method: 'GET', path: '/metrics', headers: { authorization } })).body;
    expect(metrics).toContain('flk_pii_detections_total');

    const files = await allFiles(directory);
    const inbox = files.filter(({ path }) => path.includes('/wal/'));
    const ledger = files.filter(({ path }) => path.includes('/ledger/'));
    expect(ledger.some(({ text }) => text.includes('decision_id'))).toBe(true);
    expect(inbox.some(({ text }) => text.includes('decision_id'))).toBe(true);

    const places = { answers, log, metrics: [metrics], ledger: ledger.map(({ text }) => text) };
    for (const [place, texts] of Object.entries(places)) {
      for (const value of [...KEYS, ...PERSONAL, ...OTHERS, FIELD]) {
        expect(
          texts.filter((text) => text.includes(value)),
          `${value} in ${place}`,
        ).toEqual([]);
      }
      // A stack trace names files.
      expect(
        texts.filter((text) => /\.(ts|js):\d+/.test(text)),
        `a stack in ${place}`,
      ).toEqual([]);
    }
    // Where the policy only detects, the inbox log keeps what came, as it must.
    const never = mode === 'detect' ? KEYS : [...KEYS, ...PERSONAL];
    for (const value of [...never, ...OTHERS]) {
      expect(
        inbox.filter(({ text }) => text.includes(value)).map(({ path }) => path),
        `${value} in the inbox`,
      ).toEqual([]);
    }
  });
});

test('the search itself finds what is there', async () => {
  const { submit, directory } = await startTestGateway({ PII_SCAN_MODE: 'detect' });
  await submit(await signedBody(wireRecord({ note: EMAIL })));
  expect((await allFiles(directory)).filter(({ text }) => text.includes(EMAIL)).length).toBe(1);
});
