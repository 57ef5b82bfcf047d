import type { KnownRoot } from '../../src/ledger/audit.ts';
import { type Checkpoint, openCheckpoint, parseCheckpoint } from '../../src/ledger/checkpoint.ts';
import { parseNote } from '../../src/ledger/note.ts';
import type { NoteVerifier } from '../../src/ledger/note-key.ts';
import { checkpointFiles, readCheckpoint } from './checkpoints.ts';

/** What checkpoints say, ascending by size, or which one is none. */
export interface KnownRoots {
  readonly roots: readonly KnownRoot[];
  readonly fault: string | undefined;
}

/** Checkpoints that are read at once: there is one a minute, and most of the time goes by waiting for the disk. */
const AT_ONCE = 32;

/**
 * Reads every checkpoint of a ledger, and those that were kept elsewhere. With verifiers, one of them must have signed each.
 *
 * @param anchored signed notes from another place
 */
export async function readRoots(
  directory: string,
  verifiers: readonly NoteVerifier[] | undefined,
  anchored: readonly string[],
): Promise<KnownRoots> {
  const roots: KnownRoot[] = [];
  const { sizes, strange } = await checkpointFiles(directory);
  if (strange[0] !== undefined) return { roots: [], fault: strange[0] };
  for (let at = 0; at < sizes.length; at += AT_ONCE) {
    const some = sizes.slice(at, at + AT_ONCE);
    const found = await Promise.all(some.map(async (size) => read(await readCheckpoint(directory, size), verifiers)));
    for (const [place, size] of some.entries()) {
      const checkpoint = found[place];
      if (checkpoint?.size !== size) return { roots: [], fault: `size ${size}` };
      roots.push({ size, root: checkpoint.root });
    }
  }
  for (const [at, note] of anchored.entries()) {
    const checkpoint = await read(note, verifiers);
    if (checkpoint === undefined) return { roots: [], fault: `number ${at + 1} of those kept elsewhere` };
    roots.push({ size: checkpoint.size, root: checkpoint.root });
  }
  return { roots: roots.sort((a, b) => a.size - b.size), fault: undefined };
}

async function read(note: string, verifiers: readonly NoteVerifier[] | undefined): Promise<Checkpoint | undefined> {
  return verifiers === undefined ? parseCheckpoint(parseNote(note)?.text ?? '') : openCheckpoint(note, verifiers);
}
