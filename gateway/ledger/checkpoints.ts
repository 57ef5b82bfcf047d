import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointText, parseCheckpoint } from '../../src/ledger/checkpoint.ts';
import { rootOf, type Tree } from '../../src/ledger/merkle.ts';
import { parseNote, signNote } from '../../src/ledger/note.ts';
import type { NoteSigner } from '../../src/ledger/note-key.ts';
import { errorKind } from '../log.ts';
import { UNFINISHED, writeDurably } from '../write-durably.ts';
import { damaged } from './damaged.ts';
import { readRegular } from './regular-file.ts';
import type { Vouched } from './vouched.ts';

const NAME = /^(\d{16})\.txt$/;
/** Bytes of a checkpoint at most: three lines and a few signatures. */
const MAX_CHECKPOINT_BYTES = 65_536;
/** Where the gateway notes what it has anchored. */
export const ANCHORED = 'anchored';

/** Where checkpoints are, in the ledger's directory. */
export function checkpointsPath(directory: string): string {
  return join(directory, 'checkpoints');
}

/** Sizes of the ledger for which there are checkpoints, ascending. O(n) for n of them. */
export async function checkpointSizes(directory: string): Promise<number[]> {
  return (await checkpointFiles(directory)).sizes;
}

/** The sizes, and the names of files that are none of the gateway's: a checkpoint under another name would not be read. */
export async function checkpointFiles(directory: string): Promise<{ sizes: number[]; strange: string[] }> {
  const names = await readdir(checkpointsPath(directory)).catch((error) => {
    if (errorKind(error) === 'ENOENT') return [];
    throw errorKind(error) === 'ENOTDIR' ? damaged(directory, 'checkpoints is no directory') : error;
  });
  return {
    sizes: names
      .flatMap((name) => NAME.exec(name)?.[1] ?? [])
      .sort()
      .map(Number),
    strange: names.filter((name) => !NAME.test(name) && name !== ANCHORED && !UNFINISHED.test(name)).sort(),
  };
}

/** The signed note of the checkpoint at a size, as it is on the disk; of a file that is too large to be one, nothing. */
export async function readCheckpoint(directory: string, size: number): Promise<string> {
  return (await readRegular(checkpointPath(directory, size), MAX_CHECKPOINT_BYTES)) ?? '';
}

/** A checkpoint of a tree as a signed note. */
export function signCheckpoint(tree: Tree, signer: NoteSigner): Promise<string> {
  return signNote(checkpointText({ origin: signer.name, size: tree.size, root: rootOf(tree), extensions: [] }), [
    signer,
  ]);
}

/** Keeps the signed note of a checkpoint. Resolves when it is on the disk. */
export async function keepCheckpoint(directory: string, size: number, note: string): Promise<void> {
  await mkdir(checkpointsPath(directory), { recursive: true, mode: 0o700 });
  await writeDurably(checkpointPath(directory, size), note, 0o400);
}

/**
 * What the newest checkpoint says. Its signature is not looked at, as the key may be another one by now.
 *
 * @throws {ConfigError} PTC_E018 if the file is no checkpoint of that size.
 */
export async function newestVouched(directory: string): Promise<Vouched | undefined> {
  const size = (await checkpointSizes(directory)).at(-1);
  if (size === undefined) return undefined;
  const checkpoint = parseCheckpoint(parseNote(await readCheckpoint(directory, size))?.text ?? '');
  if (checkpoint?.size !== size) throw damaged(directory, `the checkpoint of size ${size} cannot be read`);
  return { size, root: checkpoint.root, by: 'a checkpoint' };
}

function checkpointPath(directory: string, size: number): string {
  return join(checkpointsPath(directory), `${String(size).padStart(16, '0')}.txt`);
}
