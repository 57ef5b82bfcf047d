import { ConfigError, DECISION_CODES, type DecisionCode } from '../../errors.ts';
import { functionOption, knownOptions, wordOption } from '../../options.ts';
import { compilePointer } from './pointer.ts';

/** What a violated rule asks for, strictest first. */
export type OnViolation = 'deny' | 'escalate' | 'flag';

/** One check of a JSON body, as plain data. Builders make it; {@link defineRule} checks a hand-made one. */
export interface Rule {
  /** Stable, `family/rule`: `sanity/bounds`. */
  readonly id: string;
  /** RFC 6901 pointers of the values it is about. A violation is reported at the first. */
  readonly pointers: readonly string[];
  readonly onViolation: OnViolation;
  /** What the answer says if this rule settles it. */
  readonly code: DecisionCode;
  /** What it means when nothing is at one of the pointers. */
  readonly absent: 'passes' | 'violates';
  /** Whether the values (in the order of `pointers`, all present) keep the rule. Must not change them. */
  readonly holds: (values: readonly unknown[]) => boolean;
}

/** What every builder accepts. */
export interface RuleOptions {
  /** `family/rule`, or a bare name, which becomes `sanity/<name>`. Default: the builder's own name. */
  readonly id?: string;
  /** Default: `deny` for rules about structure, `escalate` for rules about plausibility. */
  readonly onViolation?: OnViolation;
  /** Default {@link STRUCTURE_CODE} for `deny`, else {@link PLAUSIBILITY_CODE}. */
  readonly code?: DecisionCode;
}

/** What a denied body is answered with unless the rule says otherwise: 400. */
export const STRUCTURE_CODE: DecisionCode = 'PTC_D411';

/** What an escalated body is answered with unless the rule says otherwise: 202. */
export const PLAUSIBILITY_CODE: DecisionCode = 'PTC_D412';

/** Pointers of one rule at most. */
export const MAX_RULE_POINTERS = 16;

const RULE_ID = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*\/[a-z0-9]+(?:-[a-z0-9]+)*$/;
const RULE_OPTIONS = ['id', 'onViolation', 'code'] as const;

/** What a builder itself decides about the rule it makes. */
export interface RuleParts {
  /** The builder's name, for errors and for the default id. */
  readonly builder: string;
  readonly pointers: readonly string[];
  readonly options: RuleOptions;
  /** Names of the builder's own options. */
  readonly known?: readonly string[];
  readonly onViolation: OnViolation;
  readonly absent?: Rule['absent'];
  readonly holds: Rule['holds'];
}

/** Completes and checks what a builder made. @throws {ConfigError} naming the builder and its option. */
export function buildRule(parts: RuleParts): Rule {
  const { builder, options } = parts;
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError('PTC_E002', `${builder}.options`, options, 'give an object');
  }
  knownOptions(builder, options, [...RULE_OPTIONS, ...(parts.known ?? [])]);
  const onViolation = options.onViolation ?? parts.onViolation;
  const id = options.id ?? builder;
  return defineRule(
    {
      id: typeof id === 'string' && !id.includes('/') ? `sanity/${id}` : id,
      pointers: parts.pointers,
      onViolation,
      code: options.code ?? (onViolation === 'deny' ? STRUCTURE_CODE : PLAUSIBILITY_CODE),
      absent: parts.absent ?? 'passes',
      holds: parts.holds,
    },
    builder,
  );
}

/**
 * Checks a rule's shape once and returns it frozen.
 *
 * @param where names the rule in an error.
 * @throws {ConfigError} if its id, a pointer, the code or what it does is not valid. `deny` needs a code with a
 *   status of 400 or more and `escalate` one with 202: anything else would answer what was not meant.
 *
 * @example
 * const even = defineRule({
 *   id: 'orders/even',
 *   pointers: ['/count'],
 *   onViolation: 'escalate',
 *   code: 'PTC_D412',
 *   absent: 'passes',
 *   holds: ([count]) => Number(count) % 2 === 0,
 * });
 */
export function defineRule(rule: Rule, where = 'rule'): Rule {
  if (typeof rule !== 'object' || rule === null) throw new ConfigError('PTC_E002', where, rule, 'give a rule');
  const { id, code, pointers } = rule;
  if (typeof id !== 'string') throw new ConfigError('PTC_E002', `${where}.id`, id, "give 'family/rule'");
  if (!RULE_ID.test(id)) throw new ConfigError('PTC_E003', `${where}.id`, id, "give 'family/rule' in lower case");
  if (!Array.isArray(pointers) || pointers.length === 0 || pointers.length > MAX_RULE_POINTERS) {
    throw new ConfigError('PTC_E002', `${where}.pointers`, pointers, `give 1 to ${MAX_RULE_POINTERS} JSON Pointers`);
  }
  for (const pointer of pointers) compilePointer(`${where}.pointer`, pointer);
  const onViolation = wordOption(`${where}.onViolation`, rule.onViolation, 'deny', ['deny', 'escalate', 'flag']);
  if (typeof code !== 'string' || !Object.hasOwn(DECISION_CODES, code)) {
    throw new ConfigError('PTC_E003', `${where}.code`, code, 'give a decision code of the table, PTC_D…');
  }
  const { status } = DECISION_CODES[code];
  if (onViolation === 'deny' ? status < 400 : onViolation === 'escalate' && status !== 202) {
    const remedy = onViolation === 'deny' ? 'give a code with a status of 400 or more' : 'give a code with status 202';
    throw new ConfigError('PTC_E003', `${where}.code`, code, remedy);
  }
  const absent = wordOption(`${where}.absent`, rule.absent, 'passes', ['passes', 'violates']);
  const holds = functionOption(`${where}.holds`, rule.holds, 'give a function from values to boolean');
  return Object.freeze({ id, pointers: Object.freeze([...pointers]), onViolation, code, absent, holds });
}
