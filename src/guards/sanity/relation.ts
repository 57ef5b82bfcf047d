import { functionOption } from '../../options.ts';
import { buildRule, type Rule, type RuleOptions } from './rule.ts';

/**
 * Several values must fit each other. Asked only where all of them are there.
 *
 * @param id `family/rule`, or a bare name, which becomes `sanity/<name>`.
 * @param pointers RFC 6901 pointers; a violation is reported at the first.
 * @param predicate gets the values in that order, of any JSON type: an attacker chooses them. It must not change
 *   them, and its time is the caller's to bound. What it throws becomes a failure of the guard, not of the request.
 * @param options default: `escalate`, PTC_D412.
 * @throws {ConfigError} for an id, a pointer or an option that is not valid.
 *
 * @example
 * relation('ends-after-start', ['/end', '/start'], (end, start) => Number(end) >= Number(start));
 */
export function relation(
  id: string,
  pointers: readonly string[],
  predicate: (...values: readonly unknown[]) => boolean,
  options: Omit<RuleOptions, 'id'> = {},
): Rule {
  functionOption('relation.predicate', predicate, 'give a function from values to boolean');
  return buildRule({
    builder: 'relation',
    pointers,
    options: { ...options, id },
    onViolation: 'escalate',
    holds: (values) => predicate(...values),
  });
}
