import { FIRST_PREV_HASH, sealEntry } from '../../src/ledger/entry.ts';
import { appendLeaf, EMPTY_TREE, rootOf } from '../../src/ledger/merkle.ts';
import { entryLeaf } from '../../src/ledger/proof.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';

/** A source of whole numbers from 0 on, the same in every run with the same seed: a linear congruence modulo 2^32, its upper bits. */
export type Random = (below: number) => number;

export function randomOf(seed: number): Random {
  let state = seed % 2 ** 32;
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A record as the gateway makes them, in short. */
export function recordOf(n: number, note = ''): LedgerRecord {
  return {
    kind: 'decision',
    timestamp: new Date(Date.UTC(2030, 0, 1) + n * 1_000).toISOString(),
    decision_id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    tenant: `tenant-${n % 3}`,
    outcome: n % 5 === 0 ? 'deny' : 'allow',
    status: n % 5 === 0 ? 401 : 200,
    verdicts: [{ guard: 'signature', verdict: 'pass', stage: 'enforce', rules: [] }],
    D_hat: (n / 7).toFixed(9),
    note,
  };
}

/** Lines of a ledger over these records. */
export function linesOf(records: readonly LedgerRecord[], prevHash: string = FIRST_PREV_HASH): string[] {
  let prev = prevHash;
  return records.map((record) => {
    const { line, hash } = sealEntry(record, prev);
    prev = hash;
    return line;
  });
}

export const entryHash = (line: string): string => (JSON.parse(line) as { entry_hash: string }).entry_hash;

/** Roots of the tree at sizes, in their order. */
export function rootsAt(lines: readonly string[], sizes: readonly number[]): { size: number; root: Uint8Array }[] {
  let tree = EMPTY_TREE;
  const roots = sizes.includes(0) ? [{ size: 0, root: rootOf(tree) }] : [];
  for (const line of lines) {
    tree = appendLeaf(tree, entryLeaf(entryHash(line)));
    if (sizes.includes(tree.size)) roots.push({ size: tree.size, root: rootOf(tree) });
  }
  return roots;
}

/** One way to change a ledger: the bytes afterwards, and the indexes of which one must be named. */
export interface Edit {
  readonly bytes: Uint8Array;
  /** First and last index that may be named. */
  readonly named: readonly [number, number];
  readonly what: string;
}

const encode = (lines: readonly string[]): Uint8Array =>
  new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));

/** The six ways to tamper. Each is given lines, a source of numbers, and the sizes that checkpoints vouch for, ascending. */
export const EDITS: Readonly<
  Record<string, (lines: readonly string[], random: Random, sizes: readonly number[]) => Edit>
> = {
  flip(lines, random) {
    const bytes = encode(lines);
    const at = random(bytes.length);
    const bit = 1 << random(8);
    let index = 0;
    for (let before = 0; before < at; before++) if (bytes[before] === 0x0a) index++;
    bytes[at] = bytes[at]! ^ bit;
    return { bytes, named: [index, index], what: `bit ${bit} of byte ${at}` };
  },
  delete(lines, random) {
    const index = random(lines.length);
    return { bytes: encode(lines.toSpliced(index, 1)), named: [index, index], what: `entry ${index}` };
  },
  insert(lines, random) {
    // Behind the last one it would be an entry like any other that no checkpoint has yet.
    const index = random(lines.length);
    const prev = index === 0 ? FIRST_PREV_HASH : entryHash(lines[index - 1]!);
    const from = random(lines.length);
    const kind = random(4);
    const line = [
      (): string => lines[from]!,
      (): string => sealEntry(recordOf(random(1_000), 'forged'), prev).line,
      (): string => sealEntry(recordOf(random(1_000), 'forged'), entryHash(lines[from]!)).line,
      (): string => '{"kind":"decision"}',
    ][kind]!();
    // Of two that are the same in every byte, nobody can say which one was there before.
    const isTwin = line === lines[index];
    return {
      bytes: encode(lines.toSpliced(index, 0, line)),
      named: [index, isTwin ? index + 1 : index],
      what: `kind ${kind} from ${from} at ${index}`,
    };
  },
  swap(lines, random) {
    const first = random(lines.length - 1);
    const second = first + 1 + random(lines.length - 1 - first);
    const swapped = lines.with(first, lines[second]!).with(second, lines[first]!);
    return { bytes: encode(swapped), named: [first, first], what: `${first} and ${second}` };
  },
  truncate(lines, random) {
    const bytes = encode(lines);
    const length = random(bytes.length);
    const kept = bytes.slice(0, length);
    const index = kept.filter((byte) => byte === 0x0a).length;
    return { bytes: kept, named: [index, index], what: `to ${length} bytes` };
  },
  rewrite(lines, random, sizes) {
    const index = random(lines.length);
    const {
      prev_hash,
      entry_hash: _hash,
      ...record
    } = JSON.parse(lines[index]!) as LedgerRecord & { prev_hash: string };
    const changed = sealEntry({ ...record, outcome: 'allow', note: `changed ${random(1_000)}` }, prev_hash);
    const isAlone = random(2) === 0;
    const behind = lines.slice(index + 1);
    const rest = isAlone ? behind : linesOf(behind.map(withoutHashes), changed.hash);
    const named = isAlone && behind.length > 0 ? [index, index] : between(index, sizes);
    return {
      bytes: encode([...lines.slice(0, index), changed.line, ...rest]),
      named: named as [number, number],
      what: `entry ${index}${isAlone ? '' : ' and the hashes behind it'}`,
    };
  },
};

function withoutHashes(line: string): LedgerRecord {
  const { prev_hash: _prev, entry_hash: _hash, ...record } = JSON.parse(line) as LedgerRecord;
  return record as LedgerRecord;
}

/** What a checkpoint can tell: the entries behind the last one that holds. */
function between(index: number, sizes: readonly number[]): readonly [number, number] {
  const begin = sizes.findLast((size) => size <= index) ?? 0;
  return [begin, begin];
}
