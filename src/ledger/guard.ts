import { BUDGETS } from '../budget.ts';
import type { Decision } from '../decide.ts';
import { defineGuard, type Guard, PASS } from '../guard.ts';
import { functionOption, knownOptions } from '../options.ts';
import { type LedgerRecord, ledgerRecord } from './record.ts';

/** Name of the guard, of its stage and of its label in metrics. */
const LEDGER_GUARD = 'ledger';

export interface LedgerOptions {
  /** Keeps a record. The answer waits for it; a rejection turns the decision into a 503. */
  readonly append: (record: LedgerRecord) => void | Promise<void>;
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
  return defineGuard({
    name: LEDGER_GUARD,
    defaultStage: 'enforce',
    budget: BUDGETS.ledger,
    inspect: () => PASS,
    settle: (_exchange, decision) => append(ledgerRecord(decision, fields?.(decision))),
    // The record of a decision that a later settlement turned into a refusal is there already, or may yet arrive.
    record(decision) {
      if (decision.code !== 'PTC_D803' || !wasAsked(decision)) return;
      return append({ ...ledgerRecord(decision, fields?.(decision)), corrects: decision.id });
    },
  });
}

function wasAsked({ verdicts }: Decision): boolean {
  return verdicts.some(({ guard }) => guard === LEDGER_GUARD);
}
