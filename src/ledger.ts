export { type LedgerOptions, ledger } from './ledger/guard.ts';
export { type LedgerRecord, type LedgerVerdict, ledgerRecord } from './ledger/record.ts';
