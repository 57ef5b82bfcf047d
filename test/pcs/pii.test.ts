import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createGate } from '../../src/gate.ts';
import { type Guard, type GuardContext, PASS, type Verdict } from '../../src/guard.ts';
import { pii } from '../../src/guards/pii/guard.ts';
import { PCS_IDENTIFIERS, PCS_PROTECTED, pcsPii } from '../../src/pcs/pii.ts';
import { PII_TYPES, type PiiPolicy } from '../../src/pii.ts';
import { buildExchange } from '../../src/testing.ts';

const CONTEXT: GuardContext = {
  tenant: 'a',
  now: 0,
  decisionId: 'test',
  facts: {},
  currentBody: () => new Uint8Array(),
};

const RECORDS = readFileSync(new URL('../../fixtures/pcs/real-inputs.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n');

/** The fields that an agent adds to what it measured. */
const ADDED = {
  pcs_id: 'ee69f7b2dd5ad8e1f3a4c407aca789ae0d74b47d1d34c09b28a2fc3b5148ed6e',
  schema: 'fractal-lba-kakeya',
  version: '0.1',
  shard_id: 'rack-12:host_034.cpu-1',
  epoch: 1_700_000_000,
  attempt: 1,
  sent_at: '2024-05-01T10:20:30.123456789+05:30',
  sig: 'wahFdOY1XKgg9WTr5UTpryZTviM5zay5VMHcrzHH5hE=',
  vrf_proof: 'p6enp6enp6enp6enp6enp6enp6enp6enp6enp6enp6c=',
  vrf_output: 'p6enp6enp6enp6enp6enp6enp6enp6enp6enp6enp6c=',
  ft: { outbox_seq: 12, degraded: false, fallbacks: ['local-4', 'v0.1.2'], clock_skew_ms: -1234 },
};
const record = (more: object = {}) => ({ ...JSON.parse(RECORDS[0] ?? '{}'), ...ADDED, ...more });

async function inspect(policy: PiiPolicy | undefined, body: object): Promise<Verdict> {
  const exchange = buildExchange({ body });
  await exchange.loadBody();
  return pcsPii(policy).inspect(exchange, CONTEXT);
}

test('no real record holds personal data of any type, in values, keys or numbers', async () => {
  expect(RECORDS.length).toBe(510);
  const guard = pii({ types: PII_TYPES, keys: true, numbers: true });
  for (const line of RECORDS) {
    const exchange = buildExchange({ body: { ...JSON.parse(line), ...ADDED } });
    await exchange.loadBody();
    expect(guard.inspect(exchange, CONTEXT)).toEqual({ kind: 'pass' });
  }
});

test('identifiers are exempt in their own shape', async () => {
  const digits = { merkle_root: '4111111111111111', sig: '4111111111111111' };
  expect(await inspect({ mode: 'block' }, record(digits))).toEqual({ kind: 'pass' });
});

test.each(PCS_PROTECTED)('%s is never rewritten', async (pointer) => {
  const body = record({ [pointer.slice(1)]: 'alice@example.com' });
  expect(await inspect({ mode: 'redact' }, body)).toEqual({
    kind: 'deny',
    code: 'PTC_D201',
    findings: [{ rule: 'pii/email', place: { in: 'body', pointer, start: 0, end: 17 }, score: 0.2 }],
  });
  expect((await inspect(undefined, body)).kind).toBe('flag');
});

test('the signed fields of text are protected, and the identifiers among them', () => {
  expect(PCS_IDENTIFIERS).toEqual(['/pcs_id', '/merkle_root', '/sig', '/vrf_proof', '/vrf_output']);
  for (const pointer of ['/pcs_id', '/merkle_root', '/shard_id']) expect(PCS_PROTECTED).toContain(pointer);
});

test('other fields, known or not, are redacted', async () => {
  for (const more of [
    { note: 'alice@example.com' },
    { regime: '415-555-2671' },
    { ft: { fallbacks: ['123-45-6789'] } },
  ]) {
    expect((await inspect({ mode: 'redact' }, record(more))).kind).toBe('redact');
  }
});

test('a policy may depend on the tenant', async () => {
  const guard = pcsPii((tenant) => (tenant === 'a' ? { mode: 'block' } : undefined));
  const exchange = buildExchange({ body: record({ note: 'alice@example.com' }) });
  await exchange.loadBody();
  expect((await guard.inspect(exchange, CONTEXT)).kind).toBe('deny');
  expect((await guard.inspect(exchange, { ...CONTEXT, tenant: 'b' })).kind).toBe('flag');
});

/** What stands behind `pii` in the preset keeps the body as it came, so nothing unread may get there. */
test.each(['utf-16', 'utf-16le', 'utf-16be', 'utf-7', 'latin1', 'us-ascii', 'windows-1252', 'x', ''])(
  'charset "%s" is refused where anything is',
  async (charset) => {
    const headers = { 'content-type': `application/json; charset="${charset}"` };
    for (const mode of ['block', 'redact'] as const) {
      const exchange = buildExchange({ headers, body: record() });
      await exchange.loadBody();
      expect(await pcsPii({ mode }).inspect(exchange, CONTEXT)).toEqual({ kind: 'deny', code: 'PTC_D104' });
      expect(await pcsPii(() => ({ mode })).inspect(exchange, CONTEXT)).toEqual({ kind: 'deny', code: 'PTC_D104' });
      expect(await pcsPii().inspect(exchange, CONTEXT)).toEqual({ kind: 'pass' });
    }
  },
);

test('UTF-8 under any of its spellings passes, bytes that are not UTF-8 do not', async () => {
  const inspectBytes = async (type: string, body: object | Uint8Array): Promise<Verdict> => {
    const exchange = buildExchange({ headers: { 'content-type': type }, body });
    await exchange.loadBody();
    return pcsPii({ mode: 'redact' }).inspect(exchange, CONTEXT);
  };
  for (const type of ['application/json', 'application/json; charset=UTF-8', 'application/json;charset="utf8"']) {
    expect(await inspectBytes(type, record())).toEqual({ kind: 'pass' });
    expect(await inspectBytes(type, new Uint8Array([0x22, 0xe9, 0x22]))).toEqual({ kind: 'deny', code: 'PTC_D106' });
  }
});

test.each(['block', 'redact'] as const)(
  '%s: in no encoding does personal data get to an inbox behind',
  async (mode) => {
    let seen = 0;
    const inbox: Guard = {
      name: 'inbox',
      reads: 'body',
      inspect: () => {
        seen++;
        return PASS;
      },
    };
    const gate = createGate({ guards: [pcsPii({ mode }), inbox], stages: { pii: 'enforce', inbox: 'enforce' } });
    const text = JSON.stringify(record({ shard_id: 'alice@example.com' }));
    const little = Buffer.from(text, 'utf16le');
    const bodies = [text, little, Buffer.from(little).swap16(), text.replace('@', '+AEA-')].map((body) =>
      Buffer.from(body),
    );
    const charsets = ['utf-16', 'utf-16le', 'utf-16be', 'utf-7', 'utf-32', '"latin1"', 'utf-8; charset=utf-7', '"'];
    for (const charset of [...charsets, 'x; x=";charset=utf-8"']) {
      for (const body of bodies) {
        const headers = { 'content-type': `application/json; charset=${charset}` };
        const decision = await gate.inspect(buildExchange({ headers, body }));
        expect([charset, decision.outcome]).toEqual([charset, 'deny']);
      }
    }
    expect(seen).toBe(0);
    await gate.inspect(
      buildExchange({ headers: { 'content-type': 'application/json; charset=utf-8' }, body: record() }),
    );
    expect(seen).toBe(1);
  },
);

test('a card that is a number is found where any field may be; the numbers that may be any are let be', async () => {
  for (const more of [
    { card: 4111111111111111 },
    { N_j: { 4111111111111111: 1 } },
    { ft: { card: 4111111111111111 } },
  ]) {
    expect((await inspect({ mode: 'block' }, record(more))).kind).toBe('deny');
  }
  const free = { seed: 4111111111111111, epoch: 4111111111111111 };
  expect(await inspect({ mode: 'block' }, record(free))).toEqual({ kind: 'pass' });
  expect((await inspect({ mode: 'block' }, record({ seed: '4111111111111111' }))).kind).toBe('deny');
});
