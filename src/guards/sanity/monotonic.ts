import { ConfigError } from '../../errors.ts';
import { functionOption, wordOption } from '../../options.ts';
import { buildRule, type Rule, type RuleOptions } from './rule.ts';

export interface MonotonicOptions extends RuleOptions {
  readonly direction: 'increasing' | 'decreasing';
  /** Whether equal neighbours violate it too. Default false. */
  readonly strict?: boolean;
  /** Pointer of an array of numbers: only the members with these keys count, and a missing one is passed over. */
  readonly keys?: string;
  /** Whether two neighbours are compared, by their keys, or positions in an array. Default: all are. */
  readonly where?: (before: number, after: number) => boolean;
}

/** Members of an object, or entries of `keys`, at most: they are sorted, and more of them violate the rule. */
export const MAX_MONOTONIC_KEYS = 4_096;

const OWN_OPTIONS = ['direction', 'strict', 'keys', 'where'] as const;
const NUMERIC_KEY = /^-?(?:0|[1-9]\d{0,15})(?:\.\d{1,15})?$/;

interface Entry {
  readonly at: number;
  readonly value: unknown;
}

/**
 * The numbers of an array, or of an object whose keys are numbers (taken in numeric order), must rise or fall.
 * Anything else than numbers in them violates it. Linear for an array, O(n log n) for an object with
 * n ≤ {@link MAX_MONOTONIC_KEYS}.
 *
 * @param pointer RFC 6901 pointer; where nothing is, the rule passes.
 * @param options default: `escalate`, PTC_D412, id `sanity/monotonic`.
 * @throws {ConfigError} for a pointer or an option that is not valid.
 *
 * @example
 * sanity({ rules: [monotonic('/timestamps', { direction: 'increasing', strict: true })] });
 */
export function monotonic(pointer: string, options: MonotonicOptions): Rule {
  const { direction, strict = false, keys, where } = options ?? ({} as MonotonicOptions);
  if (direction === undefined) {
    throw new ConfigError('PTC_E001', 'monotonic.direction', direction, 'use one of increasing, decreasing');
  }
  const sign =
    wordOption('monotonic.direction', direction, 'increasing', ['increasing', 'decreasing']) === 'increasing' ? 1 : -1;
  if (typeof strict !== 'boolean') throw new ConfigError('PTC_E002', 'monotonic.strict', strict, 'give true or false');
  if (where !== undefined) functionOption('monotonic.where', where, 'give a function from two keys to boolean');

  function inOrder(before: Entry, after: Entry): boolean {
    if (where && !where(before.at, after.at)) return true;
    const step = sign * (Number(after.value) - Number(before.value));
    return strict ? step > 0 : step >= 0;
  }

  return buildRule({
    builder: 'monotonic',
    pointers: keys === undefined ? [pointer] : [pointer, keys],
    options,
    known: OWN_OPTIONS,
    onViolation: 'escalate',
    holds([value, chosen]) {
      const entries = keys === undefined ? entriesOf(value) : chosenEntries(value, chosen);
      if (entries === undefined) return false;
      return entries.every((entry, index) => {
        if (typeof entry.value !== 'number' || !Number.isFinite(entry.value)) return false;
        const before = entries[index - 1];
        return before === undefined || inOrder(before, entry);
      });
    },
  });
}

function entriesOf(value: unknown): readonly Entry[] | undefined {
  if (Array.isArray(value)) return value.map((item, at) => ({ at, value: item }));
  if (typeof value !== 'object' || value === null) return undefined;
  const keys = Object.keys(value);
  if (keys.length > MAX_MONOTONIC_KEYS || !keys.every((key) => NUMERIC_KEY.test(key))) return undefined;
  const members = value as Record<string, unknown>;
  return keys.map((key) => ({ at: Number(key), value: members[key] })).sort((a, b) => a.at - b.at);
}

function chosenEntries(value: unknown, keys: unknown): readonly Entry[] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  if (!Array.isArray(keys) || keys.length > MAX_MONOTONIC_KEYS) return undefined;
  if (!keys.every((key): key is number => typeof key === 'number')) return undefined;
  const members = value as Record<string, unknown>;
  return [...new Set(keys)]
    .filter((key) => Object.hasOwn(members, key))
    .sort((a, b) => a - b)
    .map((key) => ({ at: key, value: members[String(key)] }));
}
