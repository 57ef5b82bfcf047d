import { ConfigError } from '../../errors.ts';
import { functionOption, numberOption, wordOption } from '../../options.ts';
import { buildRule, type Rule, type RuleOptions } from './rule.ts';

export interface BoundsOptions extends RuleOptions {
  /** Least allowed number, inclusive. Default: none. */
  readonly min?: number;
  /** Greatest allowed number, inclusive. Default: none. */
  readonly max?: number;
  /** Only whole numbers up to 2^53 - 1: past that a double is not what was sent. Default false. */
  readonly integer?: boolean;
  /**
   * What is bounded: the number itself; the length of a string (UTF-16 units) or of an array; or each item of an
   * array, or member of an object. Default `value`.
   */
  readonly of?: 'value' | 'length' | 'items';
  /**
   * Turns numbers into the units they are compared in, the two bounds included: with whole cents, or billionths, a
   * boundary is a boundary and not the nearest double. Called with finite numbers only. Default: as they are.
   */
  readonly convert?: (value: number) => number | bigint;
}

const OWN_OPTIONS = ['min', 'max', 'integer', 'of', 'convert'] as const;

/**
 * A number must be finite and lie between two bounds, both inclusive. What is no number (or has no length, or no
 * items, by `of`) violates it. Linear in the items for `items`, else constant.
 *
 * @param pointer RFC 6901 pointer; where nothing is, the rule passes.
 * @param options at least one of `min`, `max` and `integer`; default: `escalate`, PTC_D412, id `sanity/bounds`.
 * @throws {ConfigError} for a pointer or an option that is not valid.
 *
 * @example
 * sanity({
 *   rules: [bounds('/age', { min: 0, max: 150, integer: true }), bounds('/comment', { of: 'length', max: 10_000 })],
 * });
 */
export function bounds(pointer: string, options: BoundsOptions): Rule {
  const { min: minOption, max: maxOption, integer = false, of: ofOption, convert } = options ?? ({} as BoundsOptions);
  const min = numberOption('bounds.min', minOption, -Infinity);
  const max = numberOption('bounds.max', maxOption, Infinity);
  if (min > max) throw new ConfigError('PTC_E003', 'bounds.max', max, `give a number of at least ${min}`);
  if (typeof integer !== 'boolean') throw new ConfigError('PTC_E002', 'bounds.integer', integer, 'give true or false');
  if (minOption === undefined && maxOption === undefined && !integer) {
    throw new ConfigError('PTC_E001', 'bounds.min', undefined, 'give min, max or integer');
  }
  if (convert !== undefined) functionOption('bounds.convert', convert, 'give a function from number to number');
  const of = wordOption('bounds.of', ofOption, 'value', ['value', 'length', 'items']);
  const least = convert && minOption !== undefined ? convert(min) : min;
  const most = convert && maxOption !== undefined ? convert(max) : max;

  function inBounds(value: unknown): boolean {
    if (typeof value !== 'number' || !Number.isFinite(value)) return false;
    if (integer && !Number.isSafeInteger(value)) return false;
    const measure = convert ? convert(value) : value;
    return measure >= least && measure <= most;
  }
  const check = {
    value: inBounds,
    length: (value: unknown) => inBounds(lengthOf(value)),
    items: (value: unknown) => itemsOf(value)?.every(inBounds) ?? false,
  }[of];

  return buildRule({
    builder: 'bounds',
    pointers: [pointer],
    options,
    known: OWN_OPTIONS,
    onViolation: 'escalate',
    holds: ([value]) => check(value),
  });
}

function lengthOf(value: unknown): number | undefined {
  return typeof value === 'string' || Array.isArray(value) ? value.length : undefined;
}

function itemsOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  return typeof value === 'object' && value !== null ? Object.values(value) : undefined;
}
