import { createHash } from 'node:crypto';
import { chmod, rm, stat } from 'node:fs/promises';
import type { KnownRoot } from '../../src/ledger/audit.ts';
import { checkEntry } from '../../src/ledger/entry.ts';
import { rootOf } from '../../src/ledger/merkle.ts';
import { type OpenFile, openGrowingFile } from '../durable-file.ts';
import { errorKind } from '../log.ts';
import { type Chain, chainOf, EMPTY_CHAIN, grow } from './chain.ts';
import { damaged } from './damaged.ts';
import { laterOf } from './entry-time.ts';
import { setAside } from './quarantine.ts';
import { type LedgerSegment, readLines, segmentFiles } from './read.ts';
import { readSeal, type Seal } from './seal.ts';
import type { OpenSegment } from './segment.ts';
import { nextSegmentName } from './segment-name.ts';
import { isTorn } from './torn.ts';

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
 * Finds where a ledger stands: the last seal gives chain and tree up to it, the segment behind it is read through. What a
 * crash left half written at its end is set aside, and files without a byte are removed. Sealed files are not read, but for the end of the last one:
 * `portcullis ledger verify` does that. O(bytes of the unsealed segment).
 *
 * @param vouched what the newest checkpoint says, if there is one
 * @throws {ConfigError} PTC_E018 for what no crash leaves: an entry that does not follow from the one before, a segment
 *   that is not as its seal says, fewer entries than a checkpoint vouches for. Nothing is changed then.
 */
export async function recoverLedger(
  directory: string,
  vouched: KnownRoot | undefined,
  openFile?: OpenFile,
): Promise<Recovered> {
  const { segments, empty } = await segmentFiles(directory);
  const sealedAt = segments.findLastIndex(({ sealed }) => sealed);
  const open = segments.filter(({ sealed }) => !sealed);
  const [last] = open;
  const newest = segments.at(-1);
  if (last !== undefined && last !== newest) throw damaged(directory, `${last.name} has no seal`);
  // With the earliest clock, so that it does not hang on this one.
  if (newest !== undefined && nextSegmentName(0, newest.name) === undefined) {
    throw damaged(directory, `no name is left for a segment behind ${newest.name}`);
  }
  const sealed = segments[sealedAt];
  const base = sealed === undefined ? EMPTY_CHAIN : chainOf(await checkSealed(directory, sealed));
  checkVouched(directory, base, vouched, sealed?.name);
  const tail = last === undefined ? undefined : await readTail(directory, last, base, vouched);
  const chain = tail?.chain ?? base;
  if (vouched !== undefined && chain.tree.size < vouched.size) {
    throw damaged(directory, `it has ${chain.tree.size} entries, and a checkpoint vouches for ${vouched.size}`);
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

/** Reads the segment behind the last seal. Throws where an entry is wrong in a way that no crash leaves. */
async function readTail(
  directory: string,
  segment: LedgerSegment,
  base: Chain,
  vouched: KnownRoot | undefined,
): Promise<Tail> {
  const digest = createHash('sha256');
  let chain = base;
  let end = 0;
  let latest = 0;
  for await (const line of readLines(segment.path)) {
    const { state, text, start, end: next } = line;
    const check = state === 'whole' ? checkEntry(text, chain.lastHash) : { ok: false as const, fault: state };
    if (!check.ok) {
      if (await isTorn(segment.path, line)) break;
      throw damaged(
        directory,
        `entry ${chain.tree.size} (${segment.name}, byte ${start}) is not sound: ${check.fault}`,
      );
    }
    chain = grow(chain, [check.entry.entry_hash]);
    digest.update(`${text}\n`);
    end = next;
    latest = laterOf(latest, check.entry.timestamp);
    checkVouched(directory, chain, vouched, segment.name);
  }
  return { chain, end, digest, latest };
}

/** The seal of the newest sealed segment, once its file turned out to be as long as it says and to end as it says. */
async function checkSealed(directory: string, { name, path, sealPath }: LedgerSegment): Promise<Seal> {
  const seal = await readSeal(sealPath);
  if (seal === undefined || seal.segment !== name) throw damaged(directory, `the seal of ${name} cannot be read`);
  const found = await stat(path).catch((error) => {
    if (errorKind(error) === 'ENOENT') throw damaged(directory, `${name} is gone`);
    throw error;
  });
  if (found.size !== seal.bytes) {
    throw damaged(directory, `${name} has ${found.size} bytes, and its seal says ${seal.bytes}`);
  }
  // A crash may have come between the seal and this.
  if ((found.mode & 0o222) !== 0) await chmod(path, 0o400);
  return seal;
}

function checkVouched(
  directory: string,
  { tree }: Chain,
  vouched: KnownRoot | undefined,
  name: string | undefined,
): void {
  if (vouched === undefined || tree.size !== vouched.size) return;
  if (Buffer.from(rootOf(tree)).equals(vouched.root)) return;
  throw damaged(directory, `the entries up to ${name} are not those that a checkpoint vouches for`);
}
