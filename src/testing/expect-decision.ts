import type { Decision, Outcome, Ruling } from '../decide.ts';
import type { DecisionCode } from '../errors.ts';
import type { Finding, VerdictKind } from '../guard.ts';
import { isSame } from './is-same.ts';

/** What is expected for the client; what is not named may be anything. */
export interface ExpectedRuling {
  readonly outcome?: Outcome;
  readonly status?: number;
  /** The code that settled it; `null` for none. */
  readonly code?: DecisionCode | null;
  /** The guard that settled it; `null` for none. */
  readonly guard?: string | null;
  /** Codes of all escalations, in the order of the guards. */
  readonly reasons?: readonly DecisionCode[];
  /** Headers that guards add, by lower-case name; others may be there too. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly retryAfterMs?: number;
}

export interface ExpectedDecision extends ExpectedRuling {
  readonly tenant?: string | null;
  /** What guards say, by name; others may be there too. */
  readonly verdicts?: Readonly<Record<string, VerdictKind>>;
  /**
   * All findings of all guards, in any order: `pii/email` wherever it is, or `pii/email at /comment`, `… at header
   * x-note`, `… at query`.
   */
  readonly findings?: readonly string[];
  /** Facts by name, compared by content; others may be there too. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** What would be if every guard were enforced. */
  readonly wouldBe?: ExpectedRuling;
}

/** A decision is not the one that was expected. */
export class DecisionMismatch extends Error {
  override readonly name = 'DecisionMismatch';
}

/**
 * Compares a decision with what is expected of it, in any test framework. The message names every difference and says
 * what the guards said: codes, guards, rules and places. It never holds what a client sent, nor facts or headers
 * themselves, so it may stand in a public log.
 *
 * @throws {DecisionMismatch} if they differ.
 *
 * @example
 * const decision = await gate.inspect(buildExchange({ body: { comment: 'mail jane@example.org' } }));
 * expectDecision(decision, { outcome: 'deny', code: 'PTC_D201', findings: ['pii/email at /comment'] });
 */
export function expectDecision(decision: Decision, expected: ExpectedDecision): void {
  const { tenant, verdicts, findings, facts, wouldBe, ...ruling } = expected;
  const differences = rulingDifferences('', decision, ruling);
  const differ = (what: string, wanted: string, found: string): unknown =>
    differences.push(`${what}: ${wanted} expected, ${found} found`);

  if (tenant !== undefined && (decision.tenant ?? null) !== tenant) {
    differ('tenant', tenant === null ? 'none' : 'another', decision.tenant === undefined ? 'none' : 'one');
  }
  for (const [guard, kind] of Object.entries(verdicts ?? {})) {
    const found = decision.verdicts.find((run) => run.guard === guard)?.verdict.kind ?? 'none';
    if (found !== kind) differ(`verdict of ${guard}`, kind, found);
  }
  if (findings !== undefined) {
    const found = decision.verdicts.flatMap(({ verdict }) => verdict.findings ?? []);
    if (!areFound(found, findings)) differ('findings', listed(findings), listed(found.map(shown)));
  }
  for (const [name, value] of Object.entries(facts ?? {})) {
    const isThere = Object.hasOwn(decision.facts, name);
    if (!isThere || !isSame(decision.facts[name], value)) differ(`fact ${name}`, 'another', isThere ? 'one' : 'none');
  }
  if (wouldBe !== undefined) differences.push(...rulingDifferences('wouldBe.', decision.wouldBe, wouldBe));
  if (differences.length > 0) throw new DecisionMismatch(messageOf(decision, differences));
}

function rulingDifferences(prefix: string, found: Ruling, expected: ExpectedRuling): string[] {
  const plain: readonly (keyof ExpectedRuling)[] = ['outcome', 'status', 'code', 'guard', 'retryAfterMs'];
  const differences = plain.flatMap((name) => {
    const wanted = expected[name];
    const actual = found[name as keyof Ruling] ?? null;
    return wanted === undefined || wanted === actual
      ? []
      : [`${prefix}${name}: ${wanted ?? 'none'} expected, ${actual ?? 'none'} found`];
  });
  if (expected.reasons !== undefined) {
    const codes = found.reasons.map(({ code }) => code);
    if (!isSame(codes, expected.reasons)) {
      differences.push(`${prefix}reasons: ${listed(expected.reasons)} expected, ${listed(codes)} found`);
    }
  }
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    const isThere = Object.hasOwn(found.headers, name);
    if (found.headers[name] !== value || !isThere) {
      differences.push(`${prefix}header ${name}: another expected, ${isThere ? 'one' : 'none'} found`);
    }
  }
  return differences;
}

function areFound(found: readonly Finding[], expected: readonly string[]): boolean {
  const left = [...found];
  // Those with a place first: one without may stand for any of its rule.
  for (const one of [...expected].sort((a, b) => Number(b.includes(' at ')) - Number(a.includes(' at ')))) {
    const at = left.findIndex((finding) => one === finding.rule || one === shown(finding));
    if (at < 0) return false;
    left.splice(at, 1);
  }
  return left.length === 0;
}

/** `pii/email at /comment` */
function shown({ rule, place }: Finding): string {
  if (place.in === 'body') return `${rule} at ${place.pointer === '' ? 'the body' : place.pointer}`;
  return place.in === 'header' ? `${rule} at header ${place.name}` : `${rule} at query`;
}

function listed(items: readonly string[]): string {
  return items.length === 0 ? 'none' : items.join(', ');
}

function messageOf(decision: Decision, differences: readonly string[]): string {
  const told = ({ outcome, status, code, guard }: Ruling): string =>
    `${outcome} ${status}${code === undefined ? '' : `, ${code} of ${guard}`}`;
  const runs = decision.verdicts.map(({ guard, stage, verdict }) => {
    const findings = (verdict.findings ?? []).map(shown);
    const code = 'code' in verdict && verdict.code !== undefined ? ` ${verdict.code}` : '';
    return `  ${guard} (${stage}): ${verdict.kind}${code}${findings.length === 0 ? '' : `, ${findings.join(', ')}`}`;
  });
  return [
    'The decision is not the one that is expected.',
    ...differences.map((line) => `  ${line}`),
    `It is ${told(decision)}; with every guard enforced it would be ${told(decision.wouldBe)}.`,
    ...runs,
  ].join('\n');
}
