import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { syncDirectory } from '../durable-file.ts';
import { errorKind } from '../log.ts';

/** Below the ledger's directory. */
const FOLDER = 'quarantine';
const PENDING = /^(\d{4})-(\d{2})-(\d{2})-(\d{6}(?:-\d+)?)@(\d{1,16})(?:\.\d+)?\.pending$/;

/** Bytes that a crash or a failing disk left behind the last whole entry of a segment, now in a file of their own. */
export interface TornTail {
  /** Name of the segment. */
  readonly segment: string;
  /** Offset in the segment from which they were taken. */
  readonly offset: number;
  readonly bytes: number;
  /** SHA-256 of them. */
  readonly sha256: string;
  /** Where they are once they are on record, from the ledger's directory. */
  readonly file: string;
}

/**
 * Moves what stands behind an offset of a segment to a file beside it, and cuts it off. The copy is on the disk before
 * anything is cut, and it is called pending until the ledger has a record of it: a crash at any point loses neither.
 *
 * @returns whether there was anything.
 */
export async function setAside(directory: string, name: string, path: string, offset: number): Promise<boolean> {
  const handle = await open(path, 'r+');
  try {
    if ((await handle.stat()).size <= offset) return false;
    const folder = join(directory, FOLDER);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const copy = await open(await pendingPath(folder, name, offset), 'w', 0o600);
    try {
      await pipeline(createReadStream(path, { start: offset }), async (chunks: AsyncIterable<Uint8Array>) => {
        for await (const chunk of chunks) await copy.writeFile(chunk);
      });
      await copy.sync();
    } finally {
      await copy.close();
    }
    await syncDirectory(folder);
    await syncDirectory(directory);
    await handle.truncate(offset);
    await handle.sync();
    return true;
  } finally {
    await handle.close();
  }
}

/** A name that no earlier tail has; one that is pending has not been cut off, or it would not be there again. */
async function pendingPath(folder: string, name: string, offset: number): Promise<string> {
  const taken = new Set(await readdir(folder));
  const base = `${name.slice(0, -'.jsonl'.length).replaceAll('/', '-')}@${offset}`;
  let free = base;
  for (let n = 1; taken.has(`${free}.torn`); n++) free = `${base}.${n}`;
  return join(folder, `${free}.pending`);
}

/** What was set aside and is not on record yet. */
export async function tornTails(directory: string): Promise<TornTail[]> {
  const names = await readdir(join(directory, FOLDER)).catch((error) => {
    if (errorKind(error) === 'ENOENT') return [];
    throw error;
  });
  const tails: TornTail[] = [];
  for (const name of names.sort()) {
    const [, year, month, day, time, offset] = PENDING.exec(name) ?? [];
    if (year === undefined) continue;
    const digest = createHash('sha256');
    let bytes = 0;
    for await (const chunk of createReadStream(join(directory, FOLDER, name))) {
      digest.update(chunk);
      bytes += chunk.length;
    }
    tails.push({
      segment: `${year}/${month}/${day}/${time}.jsonl`,
      offset: Number(offset),
      bytes,
      sha256: digest.digest('hex'),
      file: `${FOLDER}/${name.replace(/\.pending$/, '.torn')}`,
    });
  }
  return tails;
}

/** The record of a torn tail. */
export function recoveryRecord(tail: TornTail, now: number): LedgerRecord {
  return { kind: 'recovery', timestamp: new Date(now).toISOString(), ...tail };
}

/** Notes that the ledger has the record of a torn tail. */
export async function markRecorded(directory: string, { file }: TornTail): Promise<void> {
  const path = join(directory, ...file.split('/'));
  await rename(path.replace(/\.torn$/, '.pending'), path);
  await syncDirectory(join(directory, FOLDER));
}
