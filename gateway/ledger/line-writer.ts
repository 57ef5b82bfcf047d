import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { recordEncoder } from './record-encoder.ts';

/** Bytes of memory in which lines stand one behind the other; a line that is longer has its own. */
const BLOCK_BYTES = 262_144;
/** Blocks without a line that are kept for later ones. */
const KEPT_BLOCKS = 4;
/** Bytes of `"prev_hash":"…"}` and a line feed, which are hashed with what stands before them, and of what is written over their end. */
const [HASHED_TAIL_BYTES, TAIL_BYTES] = [80, 160];

interface Block {
  readonly bytes: Buffer;
  /** Bytes that are in use. */
  end: number;
  /** Lines in it that somebody needs. */
  held: number;
}

/** An entry as it goes to the disk. */
export interface Line {
  readonly record: LedgerRecord;
  readonly block: Block;
  readonly start: number;
  /** Where its hashes begin. */
  readonly tail: number;
  readonly end: number;
  /** `entry_hash` of the entry that it follows. */
  prev: string;
  /** Its own. */
  hash: string;
  /** The line behind it, once there is one. */
  next: Line | undefined;
}

/**
 * Writes entries as lines, each chained to the one before while that is still on its way: so there is nothing left to do when
 * the disk is free. Should the one before not get there, what is behind it is chained anew.
 */
export interface LineWriter {
  /**
   * Writes the line of a record behind the last one. One SHA-256, linear.
   *
   * @param room bytes that it may take; where it takes more, nothing happens and there is no line
   * @throws as `encodeEntry` does.
   */
  add(record: LedgerRecord, room: number): Line | undefined;
  /** Writes a line that the others do not follow, unless they are told to. */
  addApart(record: LedgerRecord, prevHash: string): Line;
  /** Has a line follow another entry than it does, and so what is behind it. Without a line: the next that is added. */
  follow(prevHash: string, line: Line | undefined): void;
  /** Lines that are not needed any more: their memory is used for others. */
  release(lines: readonly Line[]): void;
}

/**
 * @example
 * const lines = lineWriter();
 * lines.follow(FIRST_PREV_HASH, undefined);
 * const { hash } = lines.add(record, Number.POSITIVE_INFINITY);
 */
export function lineWriter(): LineWriter {
  const encode = recordEncoder();
  const free: Block[] = [];
  let block = newBlock(BLOCK_BYTES);
  let last: Line | undefined;
  let lastHash = '';

  function write(record: LedgerRecord, prev: string, room: number): Line | undefined {
    const members = encode(record);
    const size = members.length + TAIL_BYTES;
    if (size > room) return undefined;
    if (block.end + size > block.bytes.length) beginBlock(size);
    const start = block.end;
    const tail = start + members.length;
    block.bytes.set(members, start);
    block.end += size;
    block.held++;
    const line = { record, block, start, tail, end: block.end, prev, hash: '', next: undefined };
    close(line);
    return line;
  }

  function beginBlock(size: number): void {
    const left = block;
    block = (size <= BLOCK_BYTES && free.pop()) || newBlock(Math.max(size, BLOCK_BYTES));
    if (left.held === 0) keep(left);
  }

  function keep(unused: Block): void {
    unused.end = 0;
    if (unused !== block && free.length < KEPT_BLOCKS && unused.bytes.length === BLOCK_BYTES) free.push(unused);
  }

  return {
    add(record, room) {
      const line = write(record, lastHash, room);
      if (line === undefined) return undefined;
      if (last !== undefined) last.next = line;
      last = line;
      lastHash = line.hash;
      return line;
    },
    addApart: (record, prevHash) => write(record, prevHash, Number.POSITIVE_INFINITY) as Line,
    follow(prevHash, line) {
      lastHash = prevHash;
      for (let at = line; at !== undefined; at = at.next) {
        at.prev = lastHash;
        close(at);
        lastHash = at.hash;
      }
    },
    release(lines) {
      for (const { block: of } of lines) {
        of.held--;
        if (of.held === 0) keep(of);
      }
    },
  };
}

/** Writes the hashes of a line whose members are there. */
function close(line: Line): void {
  const { bytes } = line.block;
  bytes.write(`"prev_hash":"${line.prev}"}\n`, line.tail, 'latin1');
  const hashed = line.tail + HASHED_TAIL_BYTES;
  line.hash = hash('sha256', bytes.subarray(line.start, hashed), 'hex');
  // In place of what closed the object.
  bytes.write(`,"entry_hash":"${line.hash}"}\n`, hashed - 2, 'latin1');
}

function newBlock(size: number): Block {
  return { bytes: Buffer.allocUnsafeSlow(size), end: 0, held: 0 };
}

/** The bytes of lines in their order, as few pieces as there are. */
export function piecesOf(lines: readonly Line[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < lines.length; ) {
    const { block, start } = lines[at] as Line;
    let { end } = lines[at] as Line;
    for (at++; lines[at]?.block === block && lines[at]?.start === end; at++) end = (lines[at] as Line).end;
    pieces.push(block.bytes.subarray(start, end));
  }
  return pieces;
}
