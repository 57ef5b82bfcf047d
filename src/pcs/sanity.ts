import type { DecisionCode } from '../errors.ts';
import type { Guard } from '../guard.ts';
import { bounds } from '../guards/sanity/bounds.ts';
import { format } from '../guards/sanity/format.ts';
import { sanity } from '../guards/sanity/guard.ts';
import { monotonic } from '../guards/sanity/monotonic.ts';
import { relation } from '../guards/sanity/relation.ts';
import { required } from '../guards/sanity/required.ts';
import type { Rule } from '../guards/sanity/rule.ts';
import { knownOptions } from '../options.ts';
import { MAX_SCALE, MIN_SCALE } from './fields.ts';
import { toNano } from './nano.ts';
import type { PcsPolicy } from './policy.ts';
import { type PolicyOf, policyOption } from './policy-option.ts';

export interface PcsSanityOptions {
  /** The bounds to compare with, fixed or by tenant. Default {@link DEFAULT_PCS_POLICY}. */
  readonly policy?: PcsPolicy | PolicyOf;
}

const FIELDS = ['/scales', '/N_j', '/coh_star', '/D_hat', '/r', '/budget', '/merkle_root'] as const;
const NUMBERS = ['/coh_star', '/D_hat', '/r', '/budget'] as const;

/**
 * The guard `sanity` for PCS: {@link pcsSanityRules} of the tenant's policy. Time: bounded by the scales, at most
 * some 15,000 lookups for 1,024 of them.
 *
 * @throws {ConfigError} for a policy that is not complete.
 *
 * @example
 * const gate = createGate({ guards: [pcsFormat(), pcsSanity(), recompute()] });
 */
export function pcsSanity(options: PcsSanityOptions = {}): Guard {
  knownOptions('pcsSanity', options, ['policy']);
  const policyOf = policyOption('pcsSanity.policy', options.policy);
  const known = new WeakMap<PcsPolicy, readonly Rule[]>();
  return sanity({
    rules(tenant, context) {
      const policy = policyOf(tenant, context);
      const rules = known.get(policy) ?? pcsSanityRules(policy);
      known.set(policy, rules);
      return rules;
    },
  });
}

/**
 * What a PCS must keep before anything is computed from it, as rules of the general builders. Structure is denied,
 * as the format guard does too; numbers out of bounds are escalated. Bounds are inclusive and compared in nano-units.
 *
 * `scales` counts the cells of a grid per axis. Where s divides s′, the finer grid cuts each box of the coarser one
 * into (s′/s)³, so N(s) ≤ N(s′) ≤ N(s)·(s′/s)³ is a theorem, for every such pair and not only for neighbours. Elsewhere
 * the grids cut across each other, counts may fall a little, and a decrease is only flagged.
 *
 * @example
 * const guard = sanity({ rules: pcsSanityRules({ ...DEFAULT_PCS_POLICY, ...STRICT_D_BOUNDS }) });
 */
export function pcsSanityRules(policy: PcsPolicy): readonly Rule[] {
  return Object.freeze([
    ...FIELDS.map((pointer) => required(pointer, { code: 'PTC_D401' })),
    ...NUMBERS.map((pointer) => format(pointer, Number.isFinite, deny('number', 'PTC_D402'))),
    format('/merkle_root', 'hex64', deny('merkle-root', 'PTC_D402')),
    format('/scales', isDistinctList, deny('scales-distinct', 'PTC_D402')),
    bounds('/scales', {
      of: 'items',
      min: MIN_SCALE,
      max: MAX_SCALE,
      integer: true,
      ...deny('scales-range', 'PTC_D406'),
    }),
    format('/N_j', isObject, deny('nj-object', 'PTC_D402')),
    bounds('/N_j', { of: 'items', min: 1, integer: true, ...deny('nj-counts', 'PTC_D402') }),

    range('/coh_star', 'coh-bounds', 'PTC_D502', 0, 1 + policy.tolCoh),
    relation('nj-missing', ['/N_j', '/scales'], hasEveryCount, { code: 'PTC_D503' }),
    range('/D_hat', 'd-hat-bounds', 'PTC_D504', policy.minD, policy.maxD),
    range('/r', 'r-bounds', 'PTC_D504', 0, 1),
    range('/budget', 'budget-bounds', 'PTC_D504', 0, 1),
    relation('nj-monotonic', ['/N_j', '/scales'], nestedPairs(isNoLess), { code: 'PTC_D505' }),
    relation('nj-growth', ['/N_j', '/scales'], nestedPairs(isWithinGrowth), { code: 'PTC_D510' }),
    monotonic('/N_j', {
      id: 'nj-monotonic-soft',
      direction: 'increasing',
      keys: '/scales',
      where: (coarse, fine) => fine % coarse !== 0,
      onViolation: 'flag',
      code: 'PTC_D505',
    }),
  ]);
}

function deny(id: string, code: DecisionCode): { id: string; onViolation: 'deny'; code: DecisionCode } {
  return { id, onViolation: 'deny', code };
}

function range(pointer: string, id: string, code: DecisionCode, min: number, max: number): Rule {
  return bounds(pointer, { id, code, min, max, convert: toNano });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDistinctList(value: unknown): boolean {
  return Array.isArray(value) && value.length >= 2 && value.length <= MAX_SCALE && new Set(value).size === value.length;
}

function isScale(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= MIN_SCALE && (value as number) <= MAX_SCALE;
}

/** What is no scale, and more scales than there can be, is for other rules to refuse. */
function scalesOf(value: unknown): readonly number[] {
  return Array.isArray(value) && value.length <= MAX_SCALE ? value.filter(isScale) : [];
}

function hasEveryCount(counts: unknown, scales: unknown): boolean {
  return isObject(counts) && scalesOf(scales).every((scale) => Object.hasOwn(counts, scale));
}

function isNoLess(coarse: number, fine: number): boolean {
  return fine >= coarse;
}

/** Exact: the product is rounded only where it is past every safe integer. */
function isWithinGrowth(coarse: number, fine: number, ratio: number): boolean {
  return fine <= coarse * (ratio * ratio * ratio);
}

/**
 * Whether a law holds for every pair of counts of which one scale divides the other. Visits multiples as a sieve
 * does: at most the sum of 1024/s lookups, some 7,200, where comparing all pairs would take half a million.
 */
function nestedPairs(
  law: (coarse: number, fine: number, ratio: number) => boolean,
): (counts: unknown, scales: unknown) => boolean {
  return (counts, scales) => {
    if (!isObject(counts)) return true;
    const known = scalesOf(scales);
    const largest = known.reduce((most, scale) => Math.max(most, scale), 0);
    const byScale = new Array<number>(largest + 1).fill(0);
    for (const scale of known) {
      const count = Object.hasOwn(counts, scale) ? counts[scale] : undefined;
      if (Number.isSafeInteger(count) && (count as number) >= 1) byScale[scale] = count as number;
    }
    for (let scale = MIN_SCALE; scale <= largest; scale++) {
      const coarse = byScale[scale]!;
      if (coarse === 0) continue;
      for (let ratio = 2; ratio * scale <= largest; ratio++) {
        const fine = byScale[ratio * scale]!;
        if (fine !== 0 && !law(coarse, fine, ratio)) return false;
      }
    }
    return true;
  };
}
