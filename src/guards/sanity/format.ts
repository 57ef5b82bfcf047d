import { ConfigError } from '../../errors.ts';
import { isDateTime } from '../../rfc3339.ts';
import { buildRule, type Rule, type RuleOptions } from './rule.ts';

/** Formats with a name: 64 lower-case hex digits; a date-time of RFC 3339; a UUID of RFC 9562, of any version. */
export type FormatName = 'hex64' | 'rfc3339' | 'uuid';

/** Longest string, in UTF-16 units, that a named format or a pattern is tried on; a longer one violates the rule. */
export const MAX_FORMAT_LENGTH = 1_024;

const FORMATS: Readonly<Record<FormatName, (text: string) => boolean>> = {
  hex64: (text) => /^[0-9a-f]{64}$/.test(text),
  rfc3339: isDateTime,
  uuid: (text) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text),
};

/**
 * A value must have a format: one of the named ones, a pattern, or what a function says of it. A named format and a
 * pattern accept strings only, of {@link MAX_FORMAT_LENGTH} at most; a function gets the value whatever it is.
 *
 * The named formats take linear time. A pattern is the developer's: `(a+)+$` takes exponential time on forty
 * characters, which no bound on length makes safe.
 *
 * @param pointer RFC 6901 pointer; where nothing is, the rule passes.
 * @param expected anchor a pattern with `^` and `$`, or it matches anywhere inside.
 * @param options default: `deny`, PTC_D411, id `sanity/format`.
 * @throws {ConfigError} for a pointer, a format or an option that is not valid, and for a pattern with the flag `g`
 *   or `y`: those remember a position from one request to the next.
 *
 * @example
 * sanity({ rules: [format('/id', 'uuid'), format('/colour', /^#[0-9a-f]{6}$/), format('/tags', Array.isArray)] });
 */
export function format(
  pointer: string,
  expected: FormatName | RegExp | ((value: unknown) => boolean),
  options: RuleOptions = {},
): Rule {
  return buildRule({
    builder: 'format',
    pointers: [pointer],
    options,
    onViolation: 'deny',
    holds: testOf(expected),
  });
}

function testOf(expected: unknown): Rule['holds'] {
  if (typeof expected === 'function') return ([value]) => Boolean(expected(value));
  const test = expected instanceof RegExp ? patternTest(expected) : namedTest(expected);
  return ([value]) => typeof value === 'string' && value.length <= MAX_FORMAT_LENGTH && test(value);
}

function patternTest(pattern: RegExp): (text: string) => boolean {
  if (pattern.global || pattern.sticky) {
    throw new ConfigError('PTC_E003', 'format.expected', pattern, 'drop the flags g and y');
  }
  return (text) => pattern.test(text);
}

function namedTest(name: unknown): (text: string) => boolean {
  if (typeof name === 'string' && Object.hasOwn(FORMATS, name)) return FORMATS[name as FormatName];
  const remedy = `use one of ${Object.keys(FORMATS).join(', ')}, a RegExp or a function`;
  throw new ConfigError(typeof name === 'string' ? 'PTC_E003' : 'PTC_E002', 'format.expected', name, remedy);
}
