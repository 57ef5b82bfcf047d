import { BUDGETS } from '../budget.ts';
import { isThenable } from '../contain.ts';
import type { Decision } from '../decide.ts';
import type { Exchange } from '../exchange.ts';
import { defineGuard, type Facts, type Guard, PASS } from '../guard.ts';
import { functionOption, knownOptions } from '../options.ts';
import { type DecisionRecord, ledgerRecord } from './record.ts';

/** Name of the guard, of its stage and of its label in metrics. */
const LEDGER_GUARD = 'ledger';

export interface LedgerOptions {
  /** Keeps a record. The answer waits for it; a rejection turns the decision into a 503. */
  readonly append: (record: DecisionRecord) => void | Promise<void>;
  /** Adds fields to the record, from facts. It must not add anything that a policy blocks. */
  readonly fields?: (decision: Decision) => Readonly<Record<string, unknown>>;
}

/**
 * Writes one record per decision, refusals included, before the answer goes out. Where settlement then fails, a second
 * one with `corrects` says what the client was told. Put it first: guards settle in
 * order, so the record stands before any other guard acts on the decision, and a refusal by a later guard is
 * still recorded.
 *
 * @throws {ConfigError} if `append` is not a function.
 *
 * @example
 * const gate = createGate({ guards: [ledger({ append: (record) => file.append(record) }), ...others] });
 */
export function ledger(options: LedgerOptions): Guard {
  knownOptions('ledger', options, ['append', 'fields']);
  const append = functionOption('ledger.append', options.append, 'give a function that keeps a record');
  const { fields } = options;
  /** By the facts of an exchange, which all of its decisions share: a correction comes without the exchange. */
  const digests = new WeakMap<Facts, string>();

  function keep(decision: Decision, digest: string | null): void | Promise<void> {
    if (digest !== null) digests.set(decision.facts, digest);
    return append(ledgerRecord(decision, fields?.(decision), digest));
  }

  return defineGuard({
    name: LEDGER_GUARD,
    defaultStage: 'enforce',
    budget: BUDGETS.ledger,
    inspect: () => PASS,
    settle(exchange, decision) {
      const digest = digestOf(exchange);
      return isThenable(digest) ? digest.then((hex) => keep(decision, hex)) : keep(decision, digest);
    },
    // The record of a decision that a later settlement turned into a refusal is there already, or may yet arrive.
    record(decision) {
      if (decision.code !== 'PTC_D803' || !wasAsked(decision)) return;
      const digest = digests.get(decision.facts) ?? null;
      return append({ ...ledgerRecord(decision, fields?.(decision), digest), corrects: decision.id });
    },
  });
}

function wasAsked({ verdicts }: Decision): boolean {
  return verdicts.some(({ guard }) => guard === LEDGER_GUARD);
}

/** Of what was read: a request that is refused before that is not read for its digest. */
function digestOf(exchange: Exchange): string | Promise<string> | null {
  return exchange.isRead ? exchange.digest() : null;
}
