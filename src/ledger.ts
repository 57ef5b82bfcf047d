export {
  type Audit,
  type AuditFault,
  type AuditReason,
  type AuditStart,
  createAudit,
  type KnownRoot,
} from './ledger/audit.ts';
export { canonicalLine, MAX_LINE_DEPTH } from './ledger/canonical-line.ts';
export { type Checkpoint, checkpointText, openCheckpoint, parseCheckpoint } from './ledger/checkpoint.ts';
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
export { appendLeaf, EMPTY_TREE, HASH_BYTES, leafHash, nodeHash, rootOf, type Tree } from './ledger/merkle.ts';
export {
  type ConsistencyClaim,
  consistencyProof,
  consistencyRanges,
  createRangeHasher,
  type InclusionClaim,
  inclusionProof,
  inclusionRanges,
  type LeafRange,
  MAX_PATH_HASHES,
  type RangeHasher,
  verifyConsistency,
  verifyInclusion,
} from './ledger/merkle-proof.ts';
export {
  MAX_NOTE_CHARS,
  MAX_NOTE_SIGNATURES,
  type Note,
  type NoteSignature,
  openNote,
  parseNote,
  signNote,
} from './ledger/note.ts';
export { type NoteSigner, type NoteVerifier, readSignerKey, readVerifierKey, signerKey } from './ledger/note-key.ts';
export { checkProof, type EntryProof, entryLeaf, type ProofCheck, type ProofFault, proofText } from './ledger/proof.ts';
export { type DecisionRecord, type LedgerRecord, type LedgerVerdict, ledgerRecord } from './ledger/record.ts';
