import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ConfigError } from '../../src/errors.ts';
import { parseCheckpoint } from '../../src/ledger/checkpoint.ts';
import { parseNote } from '../../src/ledger/note.ts';
import { makeDirectory, usable } from '../directory-lock.ts';
import { errorKind } from '../log.ts';
import { writeDurably } from '../write-durably.ts';
import { readRegular } from './regular-file.ts';
import type { Vouched } from './vouched.ts';

const OPTION = 'LEDGER_SIGNED_FILE';
/** Bytes of the file at most: one checkpoint. */
const MAX_BYTES = 65_536;

/** The newest checkpoint that the gateway signed, as it remembers it. */
export interface LastSigned extends Vouched {
  /** The signed note. */
  readonly note: string;
}

/**
 * Reads the newest checkpoint from outside the ledger's directory: what makes the gateway refuse to sign for another history, whatever
 * became of the directory meanwhile. Its signature is not looked at, as the key may be another one by now: who can write here
 * can write the key too.
 *
 * @returns `undefined` where nothing was signed yet
 * @throws {ConfigError} PTC_E013 if the file cannot be read or could not be written; PTC_E018 if it holds no checkpoint.
 */
export async function readLastSigned(path: string): Promise<LastSigned | undefined> {
  const note = await usable(OPTION, path, async () => {
    const directory = dirname(resolve(path));
    await makeDirectory(directory);
    await access(directory, constants.W_OK);
    return readRegular(path, MAX_BYTES).catch((error) => {
      if (errorKind(error) === 'ENOENT') return null;
      throw error;
    });
  });
  if (note === null) return undefined;
  const checkpoint = parseCheckpoint(parseNote(note ?? '')?.text ?? '');
  if (note === undefined || checkpoint === undefined) {
    throw new ConfigError(
      'PTC_E018',
      OPTION,
      path,
      'it holds no checkpoint: bring back the file that the gateway wrote',
    );
  }
  return { note, size: checkpoint.size, root: checkpoint.root, by: OPTION };
}

/** Remembers a checkpoint. Resolves when it is on the disk. */
export async function writeLastSigned(path: string, note: string): Promise<void> {
  await writeDurably(path, note);
}
