import { sha256Hex } from '../sha256.ts';
import { fromUtf8, utf8 } from '../utf8.ts';
import { canonicalLine } from './canonical-line.ts';
import type { LedgerRecord } from './record.ts';

/** What the first entry of a ledger names as the hash before it. */
export const FIRST_PREV_HASH: string = '0'.repeat(64);
/** Bytes of a line at most, without its line feed: 1 MiB. */
export const MAX_ENTRY_BYTES = 1_048_576;

/** A record as it stands in a ledger: its own members, then these two. */
export interface LedgerEntry extends LedgerRecord {
  /** `entry_hash` of the entry before; {@link FIRST_PREV_HASH} in the first. */
  readonly prev_hash: string;
  /** SHA-256 of the line without this member and with a line feed; 64 lower-case hexadecimal digits. */
  readonly entry_hash: string;
}

/** An entry as text. */
export interface SealedEntry {
  /** One line of JSON, without its line feed. */
  readonly line: string;
  /** Its `entry_hash`. */
  readonly hash: string;
}

/**
 * What is wrong with a line: `size` more than {@link MAX_ENTRY_BYTES}, `json` not an object in JSON and UTF-8, `form` not as
 * {@link sealEntry} writes it, `entry_hash` not the hash of the rest, `prev_hash` another than the entry before has.
 */
export type EntryFault = 'size' | 'json' | 'form' | 'entry_hash' | 'prev_hash';

export type EntryCheck =
  | { readonly ok: true; readonly entry: LedgerEntry }
  | { readonly ok: false; readonly fault: EntryFault };

const HASH = '[0-9a-f]{64}';
const TAIL = new RegExp(`^[,{]"prev_hash":"(${HASH})","entry_hash":"(${HASH})"}$`);
const HASH_MEMBER_CHARS = ',"entry_hash":""'.length + 64;
const TAIL_CHARS = ',"prev_hash":""'.length + 64 + HASH_MEMBER_CHARS + 1;

/**
 * Makes the entry of a record: one line whose `entry_hash` is what `jq -c 'del(.entry_hash)' | sha256sum` gives for it, by
 * any jq. Members named `prev_hash` and `entry_hash` are not the record's to give and are left out. One SHA-256, linear.
 *
 * @param prevHash `hash` of the entry before, {@link FIRST_PREV_HASH} for the first
 * @throws {RangeError} for a record with more than 16 levels, or a line of more than {@link MAX_ENTRY_BYTES}.
 *
 * @example
 * const first = sealEntry(record, FIRST_PREV_HASH);
 * const second = sealEntry(another, first.hash);
 */
export function sealEntry(record: LedgerRecord, prevHash: string): SealedEntry {
  const open = `${encodeEntry(record)}"prev_hash":"${prevHash}"`;
  const hash = sha256Hex(utf8(`${open}}\n`));
  return { line: `${open},"entry_hash":"${hash}"}`, hash };
}

/**
 * The first half of {@link sealEntry}: the line up to the hashes.
 *
 * @throws {RangeError} as {@link sealEntry} does.
 */
export function encodeEntry(record: LedgerRecord): string {
  const members = canonicalLine(withoutHashes(record)).slice(0, -1);
  const encoded = members === '{' ? members : `${members},`;
  // No character takes more than three bytes, so most lines need not be counted.
  if (3 * encoded.length + TAIL_CHARS > MAX_ENTRY_BYTES && utf8(encoded).length + TAIL_CHARS - 1 > MAX_ENTRY_BYTES) {
    throw new RangeError(`a ledger record takes more than ${MAX_ENTRY_BYTES} bytes`);
  }
  return encoded;
}

/** Copying every record would cost a third of encoding it. */
function withoutHashes(record: LedgerRecord): LedgerRecord {
  if (!('prev_hash' in record || 'entry_hash' in record)) return record;
  const { prev_hash: _prev, entry_hash: _hash, ...own } = record;
  return own;
}

/**
 * Checks one line of a ledger against the hash before it. Any line is taken, whoever wrote it; nothing throws. The checks
 * go from the outside in, so that the fault named is the first that a reader would meet. Linear.
 *
 * @param line without its line feed; bytes, or text that was decoded from UTF-8 strictly
 * @param prevHash `entry_hash` of the entry before; `undefined` where it is not known
 *
 * @example
 * const check = checkEntry(line, FIRST_PREV_HASH);
 * check.ok ? check.entry.decision_id : check.fault;
 */
export function checkEntry(line: string | Uint8Array, prevHash: string | undefined): EntryCheck {
  if (line.length > MAX_ENTRY_BYTES) return { ok: false, fault: 'size' };
  const text = typeof line === 'string' ? line : fromUtf8(line);
  const entry = text === undefined ? undefined : parse(text);
  if (text === undefined || entry === undefined) return { ok: false, fault: 'json' };
  const hashes = TAIL.exec(text.slice(-TAIL_CHARS));
  if (hashes === null || !isCanonical(entry, text)) return { ok: false, fault: 'form' };
  if (sha256Hex(utf8(`${text.slice(0, -HASH_MEMBER_CHARS - 1)}}\n`)) !== hashes[2])
    return { ok: false, fault: 'entry_hash' };
  if (prevHash !== undefined && hashes[1] !== prevHash) return { ok: false, fault: 'prev_hash' };
  return { ok: true, entry };
}

/** Writing it again finds doubled members, spaces, and numbers and escapes that jq writes otherwise. */
function isCanonical(entry: LedgerEntry, text: string): boolean {
  try {
    return canonicalLine(entry) === text;
  } catch {
    return false;
  }
}

function parse(text: string): LedgerEntry | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as LedgerEntry) : undefined;
  } catch {
    return undefined;
  }
}
