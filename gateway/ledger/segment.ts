import { createHash, type Hash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type GrowingFile, type OpenFile, openGrowingFile, syncDirectory } from '../durable-file.ts';
import { errorKind } from '../log.ts';
import type { Chain } from './chain.ts';
import { writeSeal } from './seal.ts';
import { nextSegmentName } from './segment-name.ts';

/** The segment that is written to. */
export interface OpenSegment {
  /** As `ledgerSegments` names it. */
  readonly name: string;
  readonly file: GrowingFile;
  /** Day of the clock on which it was begun, UTC. Its name may say a later one, where the clock went back. */
  readonly day: string;
  /** Index in the ledger of its first entry. */
  readonly firstIndex: number;
  /** SHA-256 of what is in the file so far. */
  digest: Hash;
  /** Newest timestamp of its entries, in milliseconds since the epoch. */
  latest: number;
  /** Set once its seal was begun or its file failed, whatever fails after: it takes nothing more and waits to be sealed. */
  isOver: boolean;
}

/** Whether the clock shows another day, UTC, than when a segment was begun. */
export function isOfOtherDay({ day }: Pick<OpenSegment, 'day'>, now: number): boolean {
  return day !== dayOf(now);
}

/** `2030/12/31` */
function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10).replaceAll('-', '/');
}

/** Begins a segment with a file that was not there. */
export async function beginSegment(
  directory: string,
  now: number,
  after: string | undefined,
  firstIndex: number,
  openFile?: OpenFile,
): Promise<OpenSegment> {
  for (let name = nextSegmentName(now, after); ; name = nextSegmentName(now, name)) {
    if (name === undefined) throw new RangeError('no name is left for a segment');
    const path = join(directory, ...name.split('/'));
    await makeDirectories(dirname(path));
    try {
      const file = await openGrowingFile(path, { exclusive: true, ...(openFile && { openFile }) });
      return { name, file, day: dayOf(now), firstIndex, digest: createHash('sha256'), latest: 0, isOver: false };
    } catch (error) {
      if (errorKind(error) !== 'EEXIST') throw error;
    }
  }
}

/** Writes the seal of a segment, and takes away the right to write to its file. It stays open. */
export async function sealSegment(segment: OpenSegment, chain: Chain, now: number): Promise<void> {
  const { name, file, firstIndex, digest, latest } = segment;
  await writeSeal(sealPathOf(file.path), {
    segment: name,
    first_index: firstIndex,
    count: chain.tree.size - firstIndex,
    bytes: file.size,
    last_hash: chain.lastHash,
    peaks: chain.tree.peaks.map((peak) => Buffer.from(peak).toString('hex')),
    sha256: digest.copy().digest('hex'),
    sealed_at: new Date(Math.max(now, latest)).toISOString(),
  });
  await file.protect();
}

function sealPathOf(path: string): string {
  return `${path.slice(0, -'.jsonl'.length)}.seal.json`;
}

/** A directory whose entry in its parent a crash takes away is as good as lost, with all that is in it. */
async function makeDirectories(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const top = dirname(resolve(first));
  for (let made = dirname(resolve(path)); made.length >= top.length; made = dirname(made)) await syncDirectory(made);
}
