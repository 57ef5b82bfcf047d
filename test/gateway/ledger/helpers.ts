import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { open as openNode, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenFile } from '../../../gateway/durable-file.ts';
import { type Ledger, type LedgerOptions, openLedger } from '../../../gateway/ledger/ledger.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';

/** 23:59:58 on the last day of 2030, UTC. */
export const EVE: number = Date.UTC(2030, 11, 31, 23, 59, 58);

export function record(id: string | number): LedgerRecord {
  return { kind: 'decision', timestamp: '2030-12-31T23:59:58.000Z', decision_id: String(id) };
}

export function open(directory: string, options: Partial<LedgerOptions> = {}): Promise<Ledger> {
  return openLedger({ directory, maxSegmentBytes: 1_000_000, now: () => EVE, ...options });
}

/** Every file below a directory but claims, by its path, in order. */
export async function filesOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.lock-'))
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}

export async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

/** Hashes of the lines of a file as stock jq and the standard say: of each line without its `entry_hash`. */
export function jqHashes(path: string): string[] {
  const bare = execFileSync('jq', ['-c', 'del(.entry_hash)', path], { encoding: 'utf8' });
  return bare
    .split('\n')
    .slice(0, -1)
    .map((line) => createHash('sha256').update(`${line}\n`).digest('hex'));
}

/** RFC 6962, 2.1, word for word: the root over leaves. */
export function naiveRoot(leaves: readonly Buffer[]): Buffer {
  const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
    createHash('sha256').update(Buffer.concat(parts)).digest();
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), leaves[0] as Buffer);
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return sha256(Buffer.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

export async function linesOf(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8')).split('\n').slice(0, -1);
}

/** Opens files whose writes go through a function, which may fail them. */
export function faultyFiles(write: (real: () => Promise<unknown>) => Promise<unknown>): OpenFile {
  return async (path, flags, mode) => {
    const handle = await openNode(path, flags, mode);
    const real = handle.writev.bind(handle);
    return Object.assign(handle, {
      writev: (...args: Parameters<typeof real>) => write(() => real(...args)),
    }) as typeof handle;
  };
}
