import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { syncDirectory } from '../durable-file.ts';
import { errorKind } from '../log.ts';
import { damaged } from './damaged.ts';
import { openRegular } from './regular-file.ts';

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
 * @throws {ConfigError} PTC_E018 where the folder is none
 */
export async function setAside(directory: string, name: string, path: string, offset: number): Promise<boolean> {
  const { O_RDWR, O_NONBLOCK, O_NOFOLLOW } = constants;
  const handle = await open(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW);
  try {
    if ((await handle.stat()).size <= offset) return false;
    const folder = join(directory, FOLDER);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await checkFolder(directory);
    const pending = await pendingPath(folder, name, offset);
    // What an earlier start left half written, or a link to somebody's file.
    await rm(pending, { force: true });
    const copy = await open(pending, 'wx', 0o600);
    try {
      for await (const chunk of handle.createReadStream({ start: offset, autoClose: false }))
        await copy.writeFile(chunk);
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

/** A link would lead the copies to where nobody looks for them. */
async function checkFolder(directory: string): Promise<void> {
  if (!(await lstat(join(directory, FOLDER))).isDirectory()) throw damaged(directory, `${FOLDER} is no directory`);
}

/**
 * What was set aside and is not on record yet.
 *
 * @throws {ConfigError} PTC_E018 where the folder is none, PTC_E013 where there is something else than a file in it
 */
export async function tornTails(directory: string): Promise<TornTail[]> {
  const names = await checkFolder(directory)
    .then(() => readdir(join(directory, FOLDER)))
    .catch((error) => {
      if (errorKind(error) === 'ENOENT') return [];
      throw error;
    });
  const tails: TornTail[] = [];
  for (const name of names.sort()) {
    const [, year, month, day, time, offset] = PENDING.exec(name) ?? [];
    if (year === undefined) continue;
    const digest = createHash('sha256');
    let bytes = 0;
    const handle = await openRegular(join(directory, FOLDER, name));
    for await (const chunk of handle.createReadStream()) {
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
