import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { checkEntry } from '../../src/ledger/entry.ts';
import { syncDirectory } from '../durable-file.ts';
import { type Chain, chainBehind, grow } from './chain.ts';
import type { Ledger } from './ledger.ts';
import { ledgerSegments, readLines } from './read.ts';
import { readSeal, type Seal } from './seal.ts';
import { sealCheck } from './seal-check.ts';

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
 * chain and tree go on. A segment is verified once more before: what does not match its seal, of which the time may not be before
 * that of the newest entry, is not deleted. O(bytes deleted).
 */
export async function deleteExpired(options: RetentionOptions): Promise<RetentionResult> {
  const { directory, days, now, vouchedSize, append, checkpoint } = options;
  const sealed = (await ledgerSegments(directory)).filter((segment) => segment.sealed);
  const expired: string[] = [];
  let kept: string | undefined;
  for (const [at, { name, path, sealPath, present }] of sealed.slice(0, -1).entries()) {
    if (!present) continue;
    const seal = await readSeal(sealPath);
    const isOver = seal !== undefined && Date.parse(seal.sealed_at) + days * DAY_MS <= now;
    if (seal !== undefined && (!isOver || seal.first_index + seal.count > vouchedSize)) break;
    if (seal === undefined || !(await isAsSealed(path, seal, await chainBehind(sealed[at - 1])))) {
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

async function isAsSealed(path: string, seal: Seal, before: Chain | undefined): Promise<boolean> {
  if (before === undefined) return false;
  const check = sealCheck(before);
  let chain = before;
  for await (const { state, text, end } of readLines(path)) {
    const found = state === 'whole' ? checkEntry(text, chain.lastHash) : undefined;
    if (!found?.ok) return false;
    chain = grow(chain, [found.entry.entry_hash]);
    check.add(text, end, found.entry);
  }
  return check.compare(seal, chain) === undefined;
}
