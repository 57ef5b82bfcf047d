import { ConfigError } from '../../errors.ts';
import type { Exchange } from '../../exchange.ts';
import type { GuardContext, Place } from '../../guard.ts';
import { functionOption, knownOptions, numberOption, wordOption } from '../../options.ts';
import { MAX_DIRECTIONS } from './directions.ts';
import { edwards25519Tai } from './ecvrf.ts';
import type { VrfSuite } from './suite.ts';

/** Name of the guard, of its stage and of its label in metrics. */
export const VRF_GUARD = 'vrf';
/** Registered keys that stay decoded between requests. */
export const DEFAULT_CACHED_KEYS = 128;
/** Where findings point if the proof has no known place: the whole body. */
export const DEFAULT_VRF_PLACE: Place = Object.freeze({ in: 'body', pointer: '' });

/** Takes one value out of a request. Bytes that are there but malformed are an empty array, not `undefined`. */
export type VrfInput<T> = (exchange: Exchange, context: GuardContext) => T | undefined;

/** What an invalid proof means: 401 or 202. */
export type OnInvalid = 'deny' | 'escalate';

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
  /** The unit vector that the request claims to have drawn; one of the first {@link VrfOptions.directions} where given. */
  readonly direction?: VrfInput<readonly number[]>;
  /** Directions that a request may have drawn, 1 to 4,096, or a function that says how many; `undefined`: any vector. */
  readonly directions?: number | VrfInput<number>;
  /** What an invalid proof means: `deny` (401, the default) or `escalate` (202), or a function that says which. */
  readonly onInvalid?: OnInvalid | ((exchange: Exchange, context: GuardContext) => OnInvalid);
  /** Whether a request without a proof counts as invalid (the default) or is only flagged. */
  readonly required?: boolean | ((exchange: Exchange, context: GuardContext) => boolean);
  /** Where findings point. Default {@link DEFAULT_VRF_PLACE}. */
  readonly place?: Place;
  /** Whether the inputs need the body. Default `body`. */
  readonly reads?: 'head' | 'body';
  /** Keys that stay decoded, 0 to 100,000. Default {@link DEFAULT_CACHED_KEYS}. */
  readonly cachedKeys?: number;
  /** The ciphersuite, or a function that says which. Default {@link edwards25519Tai}. */
  readonly suite?: VrfSuite | ((exchange: Exchange, context: GuardContext) => VrfSuite);
}

const OPTIONS = [
  'key',
  'alpha',
  'proof',
  'output',
  'seed',
  'direction',
  'directions',
  'onInvalid',
  'required',
  'place',
  'reads',
  'cachedKeys',
  'suite',
] as const satisfies readonly (keyof VrfOptions)[];

/** Options with every default in its place, and everything that may be a function as one. */
export type CheckedVrfOptions = Required<Omit<VrfOptions, 'onInvalid' | 'required' | 'directions' | 'suite'>> & {
  onInvalid(exchange: Exchange, context: GuardContext): OnInvalid;
  required(exchange: Exchange, context: GuardContext): boolean;
  directions(exchange: Exchange, context: GuardContext): number | undefined;
  suite(exchange: Exchange, context: GuardContext): VrfSuite;
};

/** @throws {ConfigError} if an option is missing, unknown or of the wrong type. */
export function checkVrfOptions(options: VrfOptions): CheckedVrfOptions {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError('PTC_E001', VRF_GUARD, options, 'give an object with key, alpha and proof');
  }
  knownOptions(VRF_GUARD, options, OPTIONS);
  const input = 'give a function from exchange and context to bytes or undefined';
  const {
    output = nothing,
    seed = nothing,
    direction = nothing,
    directions,
    onInvalid,
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
  if ((options.direction === undefined) !== (directions === undefined)) {
    const missing = directions === undefined ? 'directions' : 'direction';
    throw new ConfigError('PTC_E001', `vrf.${missing}`, undefined, 'give direction and directions together');
  }
  if (typeof suite !== 'function') checkSuite('vrf.suite', suite);
  return {
    key: functionOption('vrf.key', options.key, input),
    alpha: functionOption('vrf.alpha', options.alpha, input),
    proof: functionOption('vrf.proof', options.proof, input),
    output: functionOption('vrf.output', output, input),
    seed: functionOption('vrf.seed', seed, 'give a function from exchange and context to a bigint or undefined'),
    direction: functionOption('vrf.direction', direction, 'give a function from exchange and context to three numbers'),
    directions:
      typeof directions === 'function' ? counted(directions) : fixed(directionCount('vrf.directions', directions)),
    onInvalid:
      typeof onInvalid === 'function'
        ? onInvalid
        : fixed(wordOption('vrf.onInvalid', onInvalid, 'deny', ['deny', 'escalate'])),
    required: typeof required === 'function' ? required : fixed(required),
    place,
    reads: wordOption('vrf.reads', options.reads, 'body', ['head', 'body']),
    cachedKeys: numberOption('vrf.cachedKeys', options.cachedKeys, DEFAULT_CACHED_KEYS, {
      min: 0,
      max: 100_000,
      integer: true,
    }),
    suite: typeof suite === 'function' ? suite : fixed(suite),
  };
}

/** @throws {ConfigError} if it is no suite. */
export function checkSuite(option: string, suite: VrfSuite): void {
  functionOption(`${option}.prepare`, suite?.prepare, 'give a suite such as edwards25519Tai');
}

/**
 * How many directions a request may have drawn, checked; `undefined` stays what it is.
 *
 * @throws {ConfigError} unless it is a whole number from 1 to 4,096.
 */
export function directionCount(option: string, value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  return numberOption(option, value, 0, { min: 1, max: MAX_DIRECTIONS, integer: true });
}

/** The number that a function says may have come from a request, and work is linear in it. */
function counted(directions: VrfInput<number>): VrfInput<number> {
  return (exchange, context) => {
    const count = directions(exchange, context);
    if (count === undefined || (Number.isInteger(count) && count >= 1 && count <= MAX_DIRECTIONS)) return count;
    throw new RangeError(`directions must be a whole number from 1 to ${MAX_DIRECTIONS}`);
  };
}

function fixed<T>(value: T): () => T {
  return () => value;
}

function nothing(): undefined {
  return undefined;
}
