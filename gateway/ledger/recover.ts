import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { checkEntry } from '../../src/ledger/entry.ts';
import { rootOf } from '../../src/ledger/merkle.ts';
import { type OpenFile, openGrowingFile } from '../durable-file.ts';
import { errorKind } from '../log.ts';
import { type Chain, chainOf, EMPTY_CHAIN, grow } from './chain.ts';
import { damaged } from './damaged.ts';
import { laterOf } from './entry-time.ts';
import { setAside } from './quarantine.ts';
import { type LedgerLine, type LedgerSegment, readLines, segmentFiles } from './read.ts';
import { openRegular } from './regular-file.ts';
import { readSeal, type Seal } from './seal.ts';
import type { OpenSegment } from './segment.ts';
import { nextSegmentName } from './segment-name.ts';
import { isTorn } from './torn.ts';
import type { Vouched } from './vouched.ts';

/** A ledger as it was left. */
export interface Recovered {
  readonly chain: Chain;
  /** Name of the newest segment. */
  readonly newest: string | undefined;
  /** The segment that was not sealed, as after a crash, without its torn tail. */
  readonly unsealed: OpenSegment | undefined;
  /** Names of files without a byte, now removed. */
  readonly removed: readonly string[];
}

/** A segment without a seal, as far as it holds. */
interface Tail {
  readonly chain: Chain;
  /** Offset behind the last whole entry. */
  readonly end: number;
  readonly digest: OpenSegment['digest'];
  readonly latest: number;
}

/**
 * Finds where a ledger stands. It is read from the last seal on that does not go past what is vouched for; since the gateway signs
 * before it seals, that is the segment behind the last seal, and more only where signing had failed or somebody wrote seals of
 * his own. What a crash left half written at its end is set aside, and files without a byte are removed. Sealed files before that are not
 * read, but for their size: `portcullis ledger verify` does that. O(bytes of what is read).
 *
 * @param vouched roots that the ledger must have had on its way
 * @throws {ConfigError} PTC_E018 for what no crash leaves: an entry that does not follow from the one before, a segment
 *   that is not as its seal says, other or fewer entries than are vouched for. Nothing is changed then.
 */
export async function recoverLedger(
  directory: string,
  vouched: readonly Vouched[],
  openFile?: OpenFile,
): Promise<Recovered> {
  const { segments, empty } = await segmentFiles(directory);
  const sealed = segments.filter((segment) => segment.sealed);
  const open = segments.filter((segment) => !segment.sealed);
  const [last] = open;
  const newest = segments.at(-1);
  if (last !== undefined && last !== newest) throw damaged(directory, `${last.name} has no seal`);
  // With the earliest clock, so that it does not hang on this one.
  if (newest !== undefined && nextSegmentName(0, newest.name) === undefined) {
    throw damaged(directory, `no name is left for a segment behind ${newest.name}`);
  }
  const base = await readSealed(directory, sealed, vouched);
  const tail = last === undefined ? undefined : await readTail(directory, last, base, vouched);
  const chain = tail?.chain ?? base;
  for (const { size, by } of vouched) {
    if (chain.tree.size >= size) continue;
    throw damaged(directory, `it has ${chain.tree.size} entries, and ${by} vouches for ${size}`);
  }
  for (const { path } of empty) await rm(path, { force: true });
  const removed = empty.map(({ name }) => name);
  if (last === undefined || tail === undefined) return { chain, newest: newest?.name, unsealed: undefined, removed };
  await setAside(directory, last.name, last.path, tail.end);
  if (tail.end === 0) {
    await rm(last.path);
    return { chain, newest: last.name, unsealed: undefined, removed };
  }
  const file = await openGrowingFile(last.path, openFile && { openFile });
  const unsealed = {
    name: last.name,
    file,
    day: last.name.slice(0, 10),
    firstIndex: base.tree.size,
    digest: tail.digest,
    latest: tail.latest,
    isOver: true,
  };
  return { chain, newest: last.name, unsealed, removed };
}

/** Where the ledger stood at its last seal: by an earlier seal, and by what was sealed since, read through. */
async function readSealed(
  directory: string,
  sealed: readonly LedgerSegment[],
  vouched: readonly Vouched[],
): Promise<Chain> {
  const least = Math.min(...vouched.map(({ size }) => size));
  const behind: [LedgerSegment, Seal][] = [];
  let chain = EMPTY_CHAIN;
  for (const segment of sealed.toReversed()) {
    const seal = await checkSealed(directory, segment);
    if (sizeOf(seal) > least) {
      behind.unshift([segment, seal]);
      continue;
    }
    chain = chainOf(seal);
    checkVouched(directory, chain, vouched, segment.name);
    break;
  }
  for (const [segment, seal] of behind) {
    for await (const next of entriesOf(directory, segment, chain, vouched)) chain = next.chain;
    if (!isSame(chain, chainOf(seal))) throw damaged(directory, `${segment.name} is not as its seal says`);
  }
  return chain;
}

/** Reads the segment behind the last seal. Throws where an entry is wrong in a way that no crash leaves. */
async function readTail(
  directory: string,
  segment: LedgerSegment,
  base: Chain,
  vouched: readonly Vouched[],
): Promise<Tail> {
  const digest = createHash('sha256');
  let chain = base;
  let end = 0;
  let latest = 0;
  for await (const next of entriesOf(directory, segment, base, vouched)) {
    digest.update(`${next.line.text}\n`);
    chain = next.chain;
    end = next.line.end;
    latest = laterOf(latest, next.timestamp);
  }
  return { chain, end, digest, latest };
}

/** One entry, and where the ledger stands behind it. */
interface Followed {
  readonly line: LedgerLine;
  readonly timestamp: unknown;
  readonly chain: Chain;
}

/** The entries of a segment, up to a torn tail that a crash may leave where there is no seal. Throws at one that is not sound. */
async function* entriesOf(
  directory: string,
  { name, path, sealed }: LedgerSegment,
  base: Chain,
  vouched: readonly Vouched[],
): AsyncGenerator<Followed> {
  let chain = base;
  for await (const line of readLines(path)) {
    const { state, text, start } = line;
    const check = state === 'whole' ? checkEntry(text, chain.lastHash) : { ok: false as const, fault: state };
    if (!check.ok) {
      if (!sealed && (await isTorn(path, line))) return;
      throw damaged(directory, `entry ${chain.tree.size} (${name}, byte ${start}) is not sound: ${check.fault}`);
    }
    chain = grow(chain, [check.entry.entry_hash]);
    checkVouched(directory, chain, vouched, name);
    yield { line, timestamp: check.entry.timestamp, chain };
  }
}

/** The seal of a segment, once its file turned out to be one, and as long as it says. */
async function checkSealed(directory: string, { name, path, sealPath }: LedgerSegment): Promise<Seal> {
  const seal = await readSeal(sealPath);
  if (seal === undefined || seal.segment !== name) throw damaged(directory, `the seal of ${name} cannot be read`);
  const handle = await openRegular(path).catch((error) => {
    if (errorKind(error) === 'ENOENT') throw damaged(directory, `${name} is gone`);
    throw error;
  });
  try {
    const { size, mode } = await handle.stat();
    if (size !== seal.bytes) throw damaged(directory, `${name} has ${size} bytes, and its seal says ${seal.bytes}`);
    // A crash may have come between the seal and this.
    if ((mode & 0o222) !== 0) await handle.chmod(0o400);
  } finally {
    await handle.close();
  }
  return seal;
}

function sizeOf({ first_index, count }: Seal): number {
  return first_index + count;
}

function isSame(one: Chain, other: Chain): boolean {
  return (
    one.lastHash === other.lastHash &&
    one.tree.size === other.tree.size &&
    Buffer.from(rootOf(one.tree)).equals(rootOf(other.tree))
  );
}

function checkVouched(directory: string, { tree }: Chain, vouched: readonly Vouched[], name: string): void {
  for (const { size, root, by } of vouched) {
    if (tree.size !== size || Buffer.from(rootOf(tree)).equals(root)) continue;
    throw damaged(directory, `the entries up to ${name} are not those that ${by} vouches for`);
  }
}
