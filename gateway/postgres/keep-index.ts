import { errorKind, type Log } from '../log.ts';
import type { PrometheusMeter } from '../prometheus.ts';
import { type LedgerIndex, type LedgerIndexOptions, openLedgerIndex } from './ledger-index.ts';

export interface KeptIndexOptions extends Pick<LedgerIndexOptions, 'db' | 'directory' | 'size'> {
  readonly meter: PrometheusMeter;
  readonly log: Log;
}

/**
 * Opens the ledger's index of a gateway: counts what it writes, and logs once that it cannot, and once that it can again.
 *
 * @example
 * const index = await keepLedgerIndex({ db, directory, size: () => ledger.size, meter, log });
 */
export async function keepLedgerIndex({ meter, log, ...options }: KeptIndexOptions): Promise<LedgerIndex> {
  const rows = meter.counter('portcullis_ledger_index_rows_total', 'Ledger entries written to PostgreSQL.', []);
  const audits = meter.counter('portcullis_admin_audit_rows_total', 'Admin calls written to PostgreSQL.', []);
  const letters = meter.counter(
    'portcullis_dead_letters_total',
    'Dead letters written to PostgreSQL, new ones only.',
    [],
  );
  const failures = meter.counter(
    'portcullis_ledger_index_failures_total',
    'Attempts to write to PostgreSQL that failed, and entries that were gone before.',
    [],
  );
  let isDown = false;
  const index = await openLedgerIndex({
    ...options,
    onWritten(written) {
      rows.add({}, written.entries);
      audits.add({}, written.audits);
      letters.add({}, written.deadLetters);
      if (isDown) log('info', 'ledger_index_up');
      isDown = false;
    },
    onGap(entries) {
      failures.add({}, entries);
      log('error', 'ledger_index_gap', { entries });
    },
    onError(error) {
      failures.add({});
      if (!isDown) log('error', 'ledger_index_down', { error: errorKind(error) });
      isDown = true;
    },
  });
  meter.gaugeOf('portcullis_ledger_index_lag', 'Ledger entries that are not in PostgreSQL yet.', () =>
    Math.max(0, options.size() - index.indexed),
  );
  return index;
}
