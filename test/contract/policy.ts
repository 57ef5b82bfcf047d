import { createTenants, type GateOptions, type Guard, PASS, rateLimit, replay, type Verdict } from '../../src/index.ts';
import { pcsAnswer, pcsGuards, tenantFromHeader } from '../../src/pcs.ts';
import { pii } from '../../src/pii.ts';
import type { FakeClock } from '../../src/testing.ts';
import { edwards25519Tai } from '../../src/vrf.ts';

/** What the tenant `acme` signs with. */
export const HMAC_KEY = 'testsecret';
/** What the tenant `proven` proves with; there is nothing to keep secret. */
export const VRF_SECRET: Uint8Array = new Uint8Array(32).fill(7);

/** What a gate needs that is made anew for each case. */
export interface Surroundings {
  readonly clock: FakeClock;
  readonly appendRecord: () => void;
}

const enforced = (name: string, inspect: Guard['inspect'], reads: Guard['reads'] = 'head'): Guard => ({
  name,
  reads: reads ?? 'head',
  defaultStage: 'enforce',
  inspect,
});

/** Shows in the decision what the guards were shown of the request. */
const witness = enforced('witness', (exchange) => {
  const { method, path, query, address, header } = exchange;
  const headers = {
    note: header('x-note') ?? null,
    type: header('content-type') ?? null,
    length: header('content-length') ?? null,
    coding: header('content-encoding') ?? null,
    proto: header('__proto__') ?? null,
  };
  return { kind: 'pass', facts: { seen: { method, path, query, address: address ?? null, headers } } };
});

const post = enforced('method', ({ method }) =>
  method === 'POST' ? PASS : { kind: 'deny', code: 'PTC_D109', headers: { allow: 'POST' } },
);
const size = enforced('size', (exchange) => ({ kind: 'pass', facts: { size: exchange.bytes().byteLength } }), 'body');
const digest = enforced(
  'digest',
  async (exchange) => ({ kind: 'pass', facts: { digest: await exchange.digest() } }),
  'body',
);
const throws = (): never => {
  throw new Error('broken');
};
const REFUSAL: Verdict = {
  kind: 'deny',
  code: 'PTC_D411',
  findings: [{ rule: 'a/b', place: { in: 'query' }, score: 1 }],
};

/** The gates by the first segment of the path that they stand in front of: one policy for every target. */
export const POLICIES: Readonly<Record<string, (surroundings: Surroundings) => GateOptions>> = {
  v1: ({ appendRecord }) => pcsPolicy(appendRecord),
  // Two guards that want the body, and what one of them redacts.
  text: () => ({ guards: [witness, size, pii({ mode: 'redact' }), digest], stages: { pii: 'enforce' } }),
  parsed: () => ({ guards: [witness, pii({ mode: 'redact' })], stages: { pii: 'enforce' } }),
  'after-parser': () => ({ guards: [witness, pii({ mode: 'redact' })], stages: { pii: 'enforce' } }),
  bytes: () => ({ guards: [witness, size, digest] }),
  shadow: () => ({
    guards: [
      witness,
      { ...size, onError: 'open' },
      pii({ mode: 'block' }),
      enforced('refuser', () => REFUSAL),
      enforced('broken', throws),
    ],
    stages: { size: 'report-only', refuser: 'report-only', broken: 'report-only' },
  }),
  canary: () => ({
    guards: [witness, enforced('refuser', () => REFUSAL)],
    stages: { refuser: { canary: 50 } },
    canaryKey: (exchange) => exchange.header('x-note') ?? '',
  }),
  head: () => ({ guards: [witness] }),
  limited: () => ({ guards: [witness, rateLimit({ key: ({ address }) => address, rate: 0.5, burst: 2 })] }),
  once: () => ({ guards: [witness, replay({ key: (exchange) => exchange.header('idempotency-key') })] }),
  failing: () => ({ guards: [witness, enforced('broken', throws)] }),
  open: () => ({ guards: [witness, { ...enforced('broken', throws), onError: 'open' }] }),
  hanging: ({ clock }) => ({
    guards: [
      witness,
      enforced('slow', () => {
        // The deadline passes while it is waited for.
        queueMicrotask(() => clock.advance(2_000));
        return new Promise(() => {});
      }),
    ],
  }),
  known: () => ({ guards: [witness, enforced('known', ({ query }) => knownAnswer(Number(query)))] }),
  escalated: () => ({
    guards: [witness, enforced('doubt', () => ({ kind: 'escalate', code: 'PTC_D412', headers: { 'x-doubt': '1' } }))],
  }),
  refused: () => ({ guards: [witness, enforced('refuser', () => REFUSAL), size] }),
  headers: () => ({
    guards: [witness, enforced('labels', () => ({ kind: 'pass', headers: { 'x-label': 'a, b', vary: 'x-note' } }))],
  }),
};

function knownAnswer(status: number): Verdict {
  const body = status === 204 || status === 304 ? '' : '{"known":"\u00e9\u{1f600}"}';
  return { kind: 'answer', code: 'PTC_D701', response: { status, headers: { 'x-known': '1' }, body } };
}

function pcsPolicy(appendRecord: () => void): GateOptions {
  const tenants = createTenants([
    { id: 'acme', keys: [{ id: 'k', alg: 'hmac', key: HMAC_KEY }], pii: { mode: 'redact' } },
    { id: 'strict', keys: 'none', pii: { mode: 'block' } },
    { id: 'gone', keys: 'none', active: false },
    { id: 'slow', keys: 'none', rate: 0.25, burst: 1 },
    { id: 'daily', keys: 'none', dailyQuota: 1 },
    { id: 'proven', keys: 'none', vrf: { publicKey: edwards25519Tai.publicKey(VRF_SECRET) } },
  ]);
  return {
    guards: [witness, post, ...pcsGuards({ tenants, appendRecord })],
    stages: { pii: 'enforce', vrf: 'enforce', sanity: 'enforce', anomaly: 'enforce', recompute: 'enforce' },
    tenant: tenantFromHeader(tenants, undefined),
    answer: pcsAnswer,
  };
}
