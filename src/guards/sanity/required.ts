import { buildRule, type Rule, type RuleOptions } from './rule.ts';

/**
 * A value must be there. `null` is a value; give a {@link format} rule to refuse it.
 *
 * @param pointer RFC 6901 pointer; members of the prototype do not count.
 * @param options default: `deny`, PTC_D411, id `sanity/required`.
 * @throws {ConfigError} for a pointer or an option that is not valid.
 *
 * @example
 * sanity({ rules: [required('/user/name')] }); // {"user":{}} is denied
 */
export function required(pointer: string, options: RuleOptions = {}): Rule {
  return buildRule({
    builder: 'required',
    pointers: [pointer],
    options,
    onViolation: 'deny',
    absent: 'violates',
    holds: () => true,
  });
}
