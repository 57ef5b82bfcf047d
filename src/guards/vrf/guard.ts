import { bytesToHex, equalBytes } from '@noble/curves/utils.js';
import { BUDGETS } from '../../budget.ts';
import { defineGuard, type Guard, PASS, type Verdict } from '../../guard.ts';
import { isDrawnDirection } from './directions.ts';
import { vrfKeyCache } from './key-cache.ts';
import { checkVrfOptions, VRF_GUARD, type VrfOptions } from './options.ts';
import { seedFromBeta } from './seed.ts';
import type { VrfKey, VrfReason, VrfSuite } from './suite.ts';

/** Fact: the VRF output of a valid proof, 128 lower-case hex. */
export const BETA_FACT = 'beta';
/** Fact: the seed derived from a valid proof's output, a bigint below 2^53. */
export const VRF_SEED_FACT = 'vrf_seed';
/** Reasons beyond the suite's own. */
export type VrfFault = VrfReason | 'missing' | 'alpha-missing' | 'output' | 'seed' | 'direction';

/**
 * Checks that a request's verifiable random output (RFC 9381) was drawn with a registered key.
 * One verification per request at most; linear in alpha and in the directions. A valid proof gives the facts `beta` and
 * `vrf_seed` to the guards behind this one and to the application.
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
  const { key, alpha, proof, output, seed, direction, directions, onInvalid, required, place, reads, ...rest } =
    checkVrfOptions(options);
  const caches = new WeakMap<VrfSuite, (publicKey: Uint8Array) => VrfKey>();
  const keysOf = (suite: VrfSuite): ((publicKey: Uint8Array) => VrfKey) => {
    const known = caches.get(suite) ?? vrfKeyCache(suite, rest.cachedKeys);
    caches.set(suite, known);
    return known;
  };

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
        return verdict(required(exchange, context) ? onInvalid(exchange, context) : 'flag', 'PTC_D306', 'missing');
      }
      const invalid = (fault: VrfFault): Verdict => verdict(onInvalid(exchange, context), 'PTC_D305', fault);

      const message = alpha(exchange, context);
      if (message === undefined) return invalid('alpha-missing');
      const result = keysOf(rest.suite(exchange, context))(registered).verify(message, pi);
      if (!result.valid) return invalid(result.reason);

      const claimedOutput = output(exchange, context);
      if (claimedOutput !== undefined && !equalBytes(claimedOutput, result.beta)) return invalid('output');
      const drawn = seedFromBeta(result.beta);
      const claimedSeed = seed(exchange, context);
      if (claimedSeed !== undefined && claimedSeed !== drawn) return invalid('seed');
      const claimedDirection = direction(exchange, context);
      const count = claimedDirection && directions(exchange, context);
      if (count !== undefined && !isDrawnDirection(Number(drawn), count, claimedDirection!))
        return invalid('direction');
      return { kind: 'pass', facts: { [BETA_FACT]: bytesToHex(result.beta), [VRF_SEED_FACT]: drawn } };
    },
  });
}
