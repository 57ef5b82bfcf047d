import { describe, expect, it } from 'vitest';
import { BUDGETS } from '../../../src/budget.ts';
import { ConfigError } from '../../../src/errors.ts';
import type { GuardContext, Verdict } from '../../../src/guard.ts';
import { directionsFromBeta } from '../../../src/guards/vrf/directions.ts';
import { edwards25519Tai } from '../../../src/guards/vrf/ecvrf.ts';
import { edwards25519Ell2 } from '../../../src/guards/vrf/edwards25519-ell2.ts';
import { vrf } from '../../../src/guards/vrf/guard.ts';
import type { VrfOptions } from '../../../src/guards/vrf/options.ts';
import { buildExchange } from '../../../src/testing.ts';
import { bytes, crafted, rfcExamples } from './vectors.ts';

const example = rfcExamples[0]!;
const [pk, alpha, pi, beta] = [bytes(example.pk), bytes(example.alpha), bytes(example.pi), bytes(example.beta)];
/** python3 -c "print(int('90cf1df3b703cce5', 16) >> 11)" */
const SEED = 5095015524524153n;

const context: GuardContext = {
  tenant: 'acme',
  now: 0,
  decisionId: 'd1',
  facts: {},
  currentBody: () => new Uint8Array(),
};

function inspect(options: Partial<VrfOptions> = {}): Verdict {
  const guard = vrf({ key: () => pk, alpha: () => alpha, proof: () => pi, ...options });
  return guard.inspect(buildExchange(), context) as Verdict;
}

function refusal(kind: string, code: string, rule: string): object {
  return { kind, code, findings: [{ rule, place: { in: 'body', pointer: '' }, score: 1 }] };
}

describe('vrf', () => {
  it('passes a valid proof with the facts that it proves', () => {
    const facts = { beta: example.beta, vrf_seed: SEED };
    expect(inspect()).toEqual({ kind: 'pass', facts });
    expect(inspect({ output: () => beta, seed: () => SEED })).toEqual({ kind: 'pass', facts });
  });

  it('has nothing to say where no key is registered, whatever the request carries', () => {
    expect(inspect({ key: () => undefined })).toEqual({ kind: 'pass' });
    expect(inspect({ key: () => undefined, proof: () => new Uint8Array(5) })).toEqual({ kind: 'pass' });
    expect(inspect({ key: () => undefined, proof: () => undefined })).toEqual({ kind: 'pass' });
  });

  it('treats a missing proof as invalid, or flags it where it is not required', () => {
    const proof = (): undefined => undefined;
    expect(inspect({ proof })).toEqual(refusal('deny', 'PTC_D306', 'vrf/missing'));
    expect(inspect({ proof, required: true })).toEqual(refusal('deny', 'PTC_D306', 'vrf/missing'));
    expect(inspect({ proof, onInvalid: 'escalate' })).toEqual(refusal('escalate', 'PTC_D306', 'vrf/missing'));
    expect(inspect({ proof, required: false })).toEqual(refusal('flag', 'PTC_D306', 'vrf/missing'));
    expect(inspect({ proof, required: false, onInvalid: 'escalate' }).kind).toBe('flag');
  });

  it.each<[string, Partial<VrfOptions>]>([
    ['vrf/challenge', { alpha: () => Uint8Array.of(1) }],
    ['vrf/challenge', { key: () => bytes(rfcExamples[1]!.pk) }],
    ['vrf/proof-length', { proof: () => new Uint8Array(0) }],
    ['vrf/proof-length', { proof: () => pi.subarray(0, 79) }],
    ['vrf/gamma-encoding', { proof: () => Uint8Array.of(...new Uint8Array(32).fill(255), ...pi.subarray(32)) }],
    ['vrf/s-range', { proof: () => Uint8Array.of(...pi.subarray(0, 48), ...new Uint8Array(32).fill(255)) }],
    ['vrf/key-length', { key: () => new Uint8Array(33) }],
    ['vrf/key-encoding', { key: () => new Uint8Array(32).fill(255) }],
    ['vrf/key-small-order', { key: () => new Uint8Array(32) }],
    ['vrf/alpha-missing', { alpha: () => undefined }],
    ['vrf/output', { output: () => new Uint8Array(64) }],
    ['vrf/output', { output: () => beta.subarray(0, 63) }],
    ['vrf/output', { output: () => new Uint8Array(0) }],
    ['vrf/output', { output: () => Uint8Array.of(...beta, 0) }],
    ['vrf/seed', { seed: () => SEED + 1n }],
    ['vrf/seed', { seed: () => -SEED }],
    ['vrf/seed', { seed: () => SEED + 2n ** 53n }],
    ['vrf/seed', { output: () => beta, seed: () => 0n }],
    ['vrf/direction', { direction: () => [0, 0, 1], directions: 128 }],
    ['vrf/direction', { direction: () => directionsFromBeta(beta, 3)[2], directions: 2 }],
    ['vrf/direction', { direction: () => [], directions: () => 128 }],
  ])('refuses with %s, without facts', (rule, options) => {
    expect(inspect(options)).toEqual(refusal('deny', 'PTC_D305', rule));
    expect(inspect({ ...options, required: false })).toEqual(refusal('deny', 'PTC_D305', rule));
    expect(inspect({ ...options, onInvalid: 'escalate' })).toEqual(refusal('escalate', 'PTC_D305', rule));
    expect(inspect({ ...options, onInvalid: () => 'escalate' })).toEqual(refusal('escalate', 'PTC_D305', rule));
  });

  it('compares a direction with those of beta, where one is claimed and their number is known', () => {
    const facts = { beta: example.beta, vrf_seed: SEED };
    const [first, , third] = directionsFromBeta(beta, 3);
    for (const options of [
      { direction: () => third, directions: 3 },
      { direction: () => first, directions: () => 1 },
      { direction: () => [5, 5, 5], directions: () => undefined },
      { direction: () => undefined, directions: 1 },
    ]) {
      expect(inspect(options)).toEqual({ kind: 'pass', facts });
    }
  });

  it.each([Number.POSITIVE_INFINITY, 1e15, 4_097, 0, -1, 1.5, Number.NaN, '3', null])(
    'fails where a function says %s directions, and draws none',
    (count) => {
      const directions = (): number => count as number;
      expect(() => inspect({ direction: () => [5, 5, 5], directions })).toThrow(RangeError);
    },
  );

  it('refuses every crafted proof and accepts every proof with torsion', () => {
    for (const each of crafted.invalid) {
      const verdict = inspect({
        key: () => bytes(each.pk),
        alpha: () => bytes(each.alpha),
        proof: () => bytes(each.pi),
      });
      expect(verdict).toEqual(refusal('deny', 'PTC_D305', `vrf/${each.reason}`));
    }
    for (const each of crafted.torsion.slice(0, 8)) {
      const verdict = inspect({
        key: () => bytes(each.pk),
        alpha: () => bytes(each.alpha),
        proof: () => bytes(each.pi),
      });
      expect(verdict).toMatchObject({ kind: 'pass', facts: { beta: each.beta } });
    }
  });

  it('points findings to the place of its options', () => {
    const place = { in: 'header', name: 'x-vrf-proof' } as const;
    expect(inspect({ place, proof: () => undefined }).findings).toEqual([{ rule: 'vrf/missing', place, score: 1 }]);
  });

  it('hands exchange and context to every input', () => {
    const guard = vrf({
      key: (_, { tenant }) => (tenant === 'acme' ? pk : undefined),
      alpha: (exchange) => bytes(exchange.header('x-alpha') ?? ''),
      proof: (exchange) => bytes(exchange.header('x-proof') ?? ''),
      reads: 'head',
    });
    const exchange = buildExchange({ headers: { 'x-proof': example.pi } });
    expect(guard.inspect(exchange, context)).toMatchObject({ kind: 'pass', facts: { beta: example.beta } });
    expect(guard.inspect(exchange, { ...context, tenant: 'other' })).toEqual({ kind: 'pass' });
  });

  it('is a report-only guard of its own name and budget that reads the body', () => {
    const guard = vrf({ key: () => pk, alpha: () => alpha, proof: () => pi });
    expect(guard).toMatchObject({ name: 'vrf', defaultStage: 'report-only', onError: 'closed', reads: 'body' });
    expect(guard.budget).toBe(BUDGETS.vrf);
    expect(vrf({ key: () => pk, alpha: () => alpha, proof: () => pi, reads: 'head' }).reads).toBe('head');
  });

  it('decodes a key once as long as it is in use, and forgets the least recent one', () => {
    const prepared: number[] = [];
    const suite = {
      ...edwards25519Tai,
      prepare(key: Uint8Array) {
        prepared.push(key[0]!);
        return { fault: undefined, verify: () => ({ valid: false, reason: 'challenge' }) as const };
      },
    };
    // One array for all keys: only its content may count.
    const key = new Uint8Array(32);
    const guard = vrf({ key: () => key, alpha: () => alpha, proof: () => pi, suite, cachedKeys: 2 });
    for (const id of [1, 1, 2, 1, 3, 1, 2]) {
      key[0] = id;
      guard.inspect(buildExchange(), context);
    }
    expect(prepared).toEqual([1, 2, 3, 2]);
  });

  it('takes the suite that a function says, and keeps the keys of each apart', () => {
    // The same key in both suites, whose proofs differ.
    const secret = new Uint8Array(32).fill(5);
    const suites = [edwards25519Tai, edwards25519Ell2];
    const proofs = suites.map((suite) => suite.prove(secret, alpha));
    let [suite, proof] = [suites[0]!, proofs[0]!];
    const key = (): Uint8Array => edwards25519Tai.publicKey(secret);
    const guard = vrf({ key, alpha: () => alpha, proof: () => proof, suite: () => suite });
    for (const [by, of] of [0, 1, 0, 1].flatMap((first) => [0, 1].map((second) => [first, second] as const))) {
      suite = suites[by]!;
      proof = proofs[of]!;
      expect((guard.inspect(buildExchange(), context) as Verdict).kind).toBe(by === of ? 'pass' : 'deny');
    }
    expect(() => inspect({ suite: () => undefined as never })).toThrow(TypeError);
  });

  it('keeps no key with cachedKeys 0 and never one of another length', () => {
    let prepared = 0;
    const suite = {
      ...edwards25519Tai,
      prepare(key: Uint8Array) {
        prepared++;
        return edwards25519Tai.prepare(key);
      },
    };
    const uncached = vrf({ key: () => pk, alpha: () => alpha, proof: () => pi, suite, cachedKeys: 0 });
    for (let use = 0; use < 3; use++)
      expect(uncached.inspect(buildExchange(), context)).toMatchObject({ kind: 'pass' });
    const odd = vrf({ key: () => new Uint8Array(31), alpha: () => alpha, proof: () => pi, suite });
    for (let use = 0; use < 3; use++) odd.inspect(buildExchange(), context);
    expect(prepared).toBe(6);
  });

  it.each<[string, string, unknown]>([
    ['PTC_E001', 'vrf', undefined],
    ['PTC_E001', 'vrf', null],
    ['PTC_E001', 'vrf.key', { key: undefined }],
    ['PTC_E002', 'vrf.key', { key: pk }],
    ['PTC_E001', 'vrf.alpha', { alpha: undefined }],
    ['PTC_E001', 'vrf.proof', { proof: undefined }],
    ['PTC_E002', 'vrf.output', { output: beta }],
    ['PTC_E002', 'vrf.seed', { seed: SEED }],
    ['PTC_E003', 'vrf.onInvalid', { onInvalid: 'ignore' }],
    ['PTC_E002', 'vrf.direction', { direction: [0, 0, 1], directions: 3 }],
    ['PTC_E001', 'vrf.directions', { direction: () => [0, 0, 1] }],
    ['PTC_E001', 'vrf.direction', { directions: 3 }],
    ['PTC_E003', 'vrf.directions', { direction: () => [0, 0, 1], directions: 0 }],
    ['PTC_E003', 'vrf.directions', { direction: () => [0, 0, 1], directions: 4_097 }],
    ['PTC_E002', 'vrf.directions', { direction: () => [0, 0, 1], directions: '9' }],
    ['PTC_E002', 'vrf.required', { required: 'no' }],
    ['PTC_E002', 'vrf.place', { place: '/vrf_proof' }],
    ['PTC_E002', 'vrf.place', { place: { in: 'cookie' } }],
    ['PTC_E003', 'vrf.reads', { reads: 'trailers' }],
    ['PTC_E003', 'vrf.cachedKeys', { cachedKeys: -1 }],
    ['PTC_E002', 'vrf.cachedKeys', { cachedKeys: '9' }],
    ['PTC_E001', 'vrf.suite.prepare', { suite: {} }],
    ['PTC_E004', 'vrf.mode', { mode: 'enforce' }],
  ])('stops start-up with %s for %s', (code, option, wrong) => {
    const good = { key: () => pk, alpha: () => alpha, proof: () => pi };
    const options = typeof wrong === 'object' && wrong !== null ? { ...good, ...wrong } : wrong;
    let error: unknown;
    try {
      vrf(options as VrfOptions);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ code, option });
  });
});
