export { canonicalLine, MAX_LINE_DEPTH } from './ledger/canonical-line.ts';
export {
  checkEntry,
  type EntryCheck,
  type EntryFault,
  FIRST_PREV_HASH,
  type LedgerEntry,
  MAX_ENTRY_BYTES,
  type SealedEntry,
  sealEntry,
} from './ledger/entry.ts';
export { type LedgerOptions, ledger } from './ledger/guard.ts';
export { type DecisionRecord, type LedgerRecord, type LedgerVerdict, ledgerRecord } from './ledger/record.ts';
