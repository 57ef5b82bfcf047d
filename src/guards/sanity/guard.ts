import { BUDGETS } from '../../budget.ts';
import { ConfigError } from '../../errors.ts';
import type { Exchange } from '../../exchange.ts';
import {
  defineGuard,
  type Finding,
  type Guard,
  type GuardContext,
  type OnError,
  PASS,
  type Verdict,
} from '../../guard.ts';
import { knownOptions } from '../../options.ts';
import { compilePointer, type Path, walk } from './pointer.ts';
import { defineRule, type OnViolation, type Rule } from './rule.ts';

/** The rules of a tenant. */
type RulesOf = (tenant: string | undefined, context: GuardContext) => readonly Rule[];

export interface SanityOptions {
  /** The rules, or a function that gives a tenant's. Give the same array again for the same rules: it is the key
   *  under which they are kept compiled. */
  readonly rules: readonly Rule[] | RulesOf;
  /** Name in metrics and answers. Default `sanity`; a second one in a gate needs another. */
  readonly name?: string;
  /** Whether a body that is not JSON is denied; else it passes. Default true. */
  readonly requireJson?: boolean;
  /** Default `closed`. */
  readonly onError?: OnError;
}

/** Rules of one set at most. */
export const MAX_RULES = 256;

/** Findings of one verdict at most; the verdict itself takes every rule into account. */
export const MAX_SANITY_FINDINGS = 32;

/** How bad a finding is, by what its rule asks for. */
export const SEVERITY: Readonly<Record<OnViolation, number>> = Object.freeze({ deny: 1, escalate: 0.8, flag: 0.5 });

/** Methods that carry no content unless they say so (RFC 9110 section 9.3): without a body there is nothing to check. */
const METHODS_WITHOUT_CONTENT: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'TRACE'];

const STRICTEST_FIRST: readonly OnViolation[] = ['deny', 'escalate', 'flag'];

const OPTIONS = ['rules', 'name', 'requireJson', 'onError'] as const;

interface CompiledRules {
  /** Each path once: most values are asked about by several rules. */
  readonly paths: readonly Path[];
  readonly rules: readonly {
    readonly rule: Rule;
    /** Where its paths stand in `paths`. */
    readonly places: readonly number[];
  }[];
}

/**
 * Checks JSON bodies against rules: structure is denied, implausible values are escalated, the rest is flagged.
 * All rules run; the verdict is the strictest that a violated rule asks for, with the code of the first such rule.
 * Reads the original body. Time is the sum of its rules'.
 *
 * @throws {ConfigError} for rules or options that are not valid.
 *
 * @example
 * const guard = sanity({
 *   rules: [required('/name'), bounds('/age', { min: 0, max: 150 }), format('/id', 'uuid')],
 * });
 */
export function sanity(options: SanityOptions): Guard {
  const { rules, name = 'sanity', requireJson = true, onError } = options ?? {};
  if (options !== undefined) knownOptions('sanity', options, OPTIONS);
  if (typeof requireJson !== 'boolean') {
    throw new ConfigError('PTC_E002', 'sanity.requireJson', requireJson, 'give true or false');
  }
  const compiled = new WeakMap<readonly Rule[], CompiledRules>();

  function compiledOnce(set: readonly Rule[]): CompiledRules {
    const known = compiled.get(set);
    if (known !== undefined) return known;
    const fresh = compileRules(set);
    compiled.set(set, fresh);
    return fresh;
  }

  const fixed = typeof rules === 'function' ? undefined : compileRules(rules);
  const rulesFor = (context: GuardContext): CompiledRules =>
    fixed ?? compiledOnce((rules as RulesOf)(context.tenant, context));

  return defineGuard({
    name,
    reads: 'body',
    budget: BUDGETS.sanity,
    ...(onError !== undefined && { onError }),
    inspect(exchange, context) {
      if (carriesNothing(exchange)) return PASS;
      const json = exchange.json();
      if (!json.ok) return requireJson ? { kind: 'deny', code: json.code } : PASS;
      return check(json.document.value, rulesFor(context));
    },
  });
}

function carriesNothing(exchange: Exchange): boolean {
  return METHODS_WITHOUT_CONTENT.includes(exchange.method) && exchange.bytes().length === 0;
}

function compileRules(rules: unknown): CompiledRules {
  if (!Array.isArray(rules) || rules.length > MAX_RULES) {
    const code = rules === undefined ? 'PTC_E001' : 'PTC_E002';
    throw new ConfigError(code, 'sanity.rules', rules, `give an array of at most ${MAX_RULES} rules, or a function`);
  }
  const defined = rules.map((candidate, index) => defineRule(candidate, `sanity.rules[${index}]`));
  const pointers = [...new Set(defined.flatMap((rule) => rule.pointers))];
  return {
    paths: pointers.map((pointer) => compilePointer('pointer', pointer)),
    rules: defined.map((rule) => ({ rule, places: rule.pointers.map((pointer) => pointers.indexOf(pointer)) })),
  };
}

function check(document: unknown, { paths, rules }: CompiledRules): Verdict {
  const found = paths.map((path) => walk(document, path));
  const violated: Rule[] = [];
  for (const { rule, places } of rules) {
    const values = places.map((place) => found[place]);
    if (values.includes(undefined) ? rule.absent === 'violates' : !rule.holds(values)) violated.push(rule);
  }
  if (violated.length === 0) return PASS;
  const strictestFirst = STRICTEST_FIRST.flatMap((kind) => violated.filter(({ onViolation }) => onViolation === kind));
  const { onViolation, code } = strictestFirst[0] as Rule;
  const parts = { code, findings: strictestFirst.slice(0, MAX_SANITY_FINDINGS).map(findingOf) };
  if (onViolation === 'deny') return { kind: 'deny', ...parts };
  return onViolation === 'escalate' ? { kind: 'escalate', ...parts } : { kind: 'flag', ...parts };
}

/** The place is the rule's own pointer, so no text of the request gets into a finding. */
function findingOf({ id, pointers, onViolation }: Rule): Finding {
  return { rule: id, place: { in: 'body', pointer: pointers[0] ?? '' }, score: SEVERITY[onViolation] };
}
