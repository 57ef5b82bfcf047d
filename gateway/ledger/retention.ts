import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from '../durable-file.ts';
import type { Ledger } from './ledger.ts';
import { ledgerSegments } from './read.ts';
import { readSeal, type Seal } from './seal.ts';

/** Milliseconds of a day. */
const DAY_MS = 86_400_000;

export interface RetentionOptions {
  /** The ledger's. */
  readonly directory: string;
  /** Days that a segment is kept after it was sealed. */
  readonly days: number;
  readonly now: number;
  /** Entries that a checkpoint vouches for. */
  readonly vouchedSize: number;
  readonly append: Ledger['append'];
  /** Signs for what was appended. */
  readonly checkpoint: () => Promise<void>;
}

/** What retention did: how many segments it deleted, and the one that it would not, if any. */
export interface RetentionResult {
  readonly deleted: number;
  /** Name of a segment that is not as its seal says; evidence, so it and what is younger stays. */
  readonly kept: string | undefined;
}

/**
 * Deletes segments, oldest first, whose time is over and which a checkpoint vouches for; never the newest sealed one. The
 * ledger has an entry of kind `retention`, and a checkpoint that vouches for it, before a file is gone; the seal stays, so that
 * chain and tree go on. A segment is read once more before: what does not match its seal is not deleted. O(bytes deleted).
 */
export async function deleteExpired(options: RetentionOptions): Promise<RetentionResult> {
  const { directory, days, now, vouchedSize, append, checkpoint } = options;
  const sealed = (await ledgerSegments(directory)).filter((segment) => segment.sealed);
  const expired: string[] = [];
  let kept: string | undefined;
  for (const { name, path, sealPath, present } of sealed.slice(0, -1)) {
    if (!present) continue;
    const seal = await readSeal(sealPath);
    const isOver = seal !== undefined && Date.parse(seal.sealed_at) + days * DAY_MS <= now;
    if (seal !== undefined && (!isOver || seal.first_index + seal.count > vouchedSize)) break;
    if (seal === undefined || (await sha256Of(path)) !== seal.sha256) {
      kept = name;
      break;
    }
    await append({ kind: 'retention', timestamp: new Date(now).toISOString(), ...wordsOf(seal) });
    expired.push(path);
  }
  if (expired.length > 0) await checkpoint();
  for (const path of expired) {
    await rm(path);
    await syncDirectory(dirname(path));
  }
  return { deleted: expired.length, kept };
}

function wordsOf({ segment, first_index, count, last_hash, sha256, sealed_at }: Seal): Partial<Seal> {
  return { segment, first_index, count, last_hash, sha256, sealed_at };
}

async function sha256Of(path: string): Promise<string> {
  const digest = createHash('sha256');
  for await (const chunk of createReadStream(path)) digest.update(chunk);
  return digest.digest('hex');
}
