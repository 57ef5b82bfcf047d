import { bytesToHex, equalBytes } from '@noble/curves/utils.js';
import { BUDGETS } from '../../budget.ts';
import { ConfigError } from '../../errors.ts';
import type { Exchange } from '../../exchange.ts';
import { defineGuard, type Guard, type GuardContext, PASS, type Place, type Verdict } from '../../guard.ts';
import { functionOption, knownOptions, numberOption, wordOption } from '../../options.ts';
import { edwards25519Tai } from './ecvrf.ts';
import { vrfKeyCache } from './key-cache.ts';
import { seedFromBeta } from './seed.ts';
import type { VrfReason, VrfSuite } from './suite.ts';

/** Name of the guard, of its stage and of its label in metrics. */
export const VRF_GUARD = 'vrf';
/** Fact: the VRF output of a valid proof, 128 lower-case hex. */
export const BETA_FACT = 'beta';
/** Fact: the seed derived from a valid proof's output, a bigint below 2^53. */
export const VRF_SEED_FACT = 'vrf_seed';
/** Registered keys that stay decoded between requests; each holds some 70 kB. */
export const DEFAULT_CACHED_KEYS = 128;
/** Where findings point if the proof has no known place: the whole body. */
export const DEFAULT_VRF_PLACE: Place = Object.freeze({ in: 'body', pointer: '' });

/** Reasons beyond the suite's own. */
export type VrfFault = VrfReason | 'missing' | 'alpha-missing' | 'output' | 'seed';

/** Takes one value out of a request. Bytes that are there but malformed are an empty array, not `undefined`. */
export type VrfInput<T> = (exchange: Exchange, context: GuardContext) => T | undefined;

export interface VrfOptions {
  /** The registered public key; `undefined` where there is nothing to check. Never take it from the request. */
  readonly key: VrfInput<Uint8Array>;
  /** What was proven. */
  readonly alpha: VrfInput<Uint8Array>;
  /** The proof pi. */
  readonly proof: VrfInput<Uint8Array>;
  /** The output that the request claims; compared with beta where given. */
  readonly output?: VrfInput<Uint8Array>;
  /** The seed that the request claims to have drawn from; compared with {@link seedFromBeta} where given. */
  readonly seed?: VrfInput<bigint>;
  /** What an invalid proof means: `deny` (401, the default) or `escalate` (202). */
  readonly onInvalid?: 'deny' | 'escalate';
  /** Whether a request without a proof counts as invalid (the default) or is only flagged. */
  readonly required?: boolean | ((exchange: Exchange, context: GuardContext) => boolean);
  /** Where findings point. Default {@link DEFAULT_VRF_PLACE}. */
  readonly place?: Place;
  /** Whether the inputs need the body. Default `body`. */
  readonly reads?: 'head' | 'body';
  /** Keys that stay decoded, 0 to 100,000. Default {@link DEFAULT_CACHED_KEYS}. */
  readonly cachedKeys?: number;
  /** The ciphersuite. Default {@link edwards25519Tai}. */
  readonly suite?: VrfSuite;
}

const OPTIONS = [
  'key',
  'alpha',
  'proof',
  'output',
  'seed',
  'onInvalid',
  'required',
  'place',
  'reads',
  'cachedKeys',
  'suite',
] as const satisfies readonly (keyof VrfOptions)[];

/**
 * Checks that a request's verifiable random output (RFC 9381) was drawn with a registered key.
 * One verification per request at most; linear in alpha. A valid proof gives the facts `beta` and `vrf_seed`.
 *
 * @throws {ConfigError} if an option is missing, unknown or of the wrong type.
 *
 * @example
 * const draw = vrf({
 *   key: (_exchange, { tenant }) => registeredKeys.get(tenant ?? ''),
 *   alpha: (exchange) => new TextEncoder().encode(exchange.path),
 *   proof: (exchange) => {
 *     const text = exchange.header('x-vrf-proof');
 *     return text === undefined ? undefined : (decodeBase64(text) ?? new Uint8Array(0));
 *   },
 *   place: { in: 'header', name: 'x-vrf-proof' },
 *   reads: 'head',
 * });
 */
export function vrf(options: VrfOptions): Guard {
  const { key, alpha, proof, output, seed, onInvalid, required, place, reads, cachedKeys, suite } =
    checkOptions(options);
  const keys = vrfKeyCache(suite, cachedKeys);

  const verdict = (kind: 'flag' | 'deny' | 'escalate', code: 'PTC_D305' | 'PTC_D306', fault: VrfFault): Verdict => ({
    kind,
    code,
    findings: [{ rule: `${VRF_GUARD}/${fault}`, place, score: 1 }],
  });

  return defineGuard({
    name: VRF_GUARD,
    reads,
    budget: BUDGETS.vrf,
    inspect(exchange, context) {
      const registered = key(exchange, context);
      if (registered === undefined) return PASS;
      const pi = proof(exchange, context);
      if (pi === undefined) {
        const isRequired = typeof required === 'function' ? required(exchange, context) : required;
        return verdict(isRequired ? onInvalid : 'flag', 'PTC_D306', 'missing');
      }
      const invalid = (fault: VrfFault): Verdict => verdict(onInvalid, 'PTC_D305', fault);

      const message = alpha(exchange, context);
      if (message === undefined) return invalid('alpha-missing');
      const result = keys(registered).verify(message, pi);
      if (!result.valid) return invalid(result.reason);

      const claimedOutput = output(exchange, context);
      if (claimedOutput !== undefined && !equalBytes(claimedOutput, result.beta)) return invalid('output');
      const drawn = seedFromBeta(result.beta);
      const claimedSeed = seed(exchange, context);
      if (claimedSeed !== undefined && claimedSeed !== drawn) return invalid('seed');
      return { kind: 'pass', facts: { [BETA_FACT]: bytesToHex(result.beta), [VRF_SEED_FACT]: drawn } };
    },
  });
}

function checkOptions(options: VrfOptions): Required<VrfOptions> {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError('PTC_E001', VRF_GUARD, options, 'give an object with key, alpha and proof');
  }
  knownOptions(VRF_GUARD, options, OPTIONS);
  const input = 'give a function from exchange and context to bytes or undefined';
  const {
    output = nothing,
    seed = nothing,
    required = true,
    place = DEFAULT_VRF_PLACE,
    suite = edwards25519Tai,
  } = options;
  if (typeof required !== 'boolean' && typeof required !== 'function') {
    throw new ConfigError('PTC_E002', 'vrf.required', required, 'give true, false or a function that says which');
  }
  if (typeof place !== 'object' || place === null || !['body', 'header', 'query'].includes(place.in)) {
    throw new ConfigError(
      'PTC_E002',
      'vrf.place',
      place,
      "give { in: 'body', pointer }, { in: 'header', name } or { in: 'query' }",
    );
  }
  functionOption('vrf.suite.prepare', suite?.prepare, 'give a suite such as edwards25519Tai');
  return {
    key: functionOption('vrf.key', options.key, input),
    alpha: functionOption('vrf.alpha', options.alpha, input),
    proof: functionOption('vrf.proof', options.proof, input),
    output: functionOption('vrf.output', output, input),
    seed: functionOption('vrf.seed', seed, 'give a function from exchange and context to a bigint or undefined'),
    onInvalid: wordOption('vrf.onInvalid', options.onInvalid, 'deny', ['deny', 'escalate']),
    required,
    place,
    reads: wordOption('vrf.reads', options.reads, 'body', ['head', 'body']),
    cachedKeys: numberOption('vrf.cachedKeys', options.cachedKeys, DEFAULT_CACHED_KEYS, {
      min: 0,
      max: 100_000,
      integer: true,
    }),
    suite,
  };
}

function nothing(): undefined {
  return undefined;
}
