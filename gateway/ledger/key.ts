import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import process from 'node:process';
import { ConfigError } from '../../src/errors.ts';
import { type NoteSigner, readSignerKey, signerKey } from '../../src/ledger/note-key.ts';
import { makeDirectory, usable } from '../directory-lock.ts';
import { syncDirectory } from '../durable-file.ts';
import { errorKind } from '../log.ts';

const OPTION = 'LEDGER_KEY_FILE';
/** Bytes of a key file at most. */
const MAX_KEY_BYTES = 4_096;
/** Rights that nobody but owner and group may have. */
const OTHERS = 0o007;

/**
 * Reads the key that signs checkpoints, or makes one where there is no file. Of gateways that make it at once one does,
 * and the others take that one.
 *
 * @param origin the name that the key must have
 * @returns the signer, and whether the key was made now
 * @throws {ConfigError} PTC_E013 if the file cannot be read or made; PTC_E008 if it holds no key, one of another name,
 *   or everybody may read it.
 */
export async function ledgerKey(path: string, origin: string): Promise<{ signer: NoteSigner; isNew: boolean }> {
  return usable(OPTION, path, async () => {
    const isNew = await makeKey(path, origin);
    return { signer: await readKey(path, origin), isNew };
  });
}

async function readKey(path: string, origin: string): Promise<NoteSigner> {
  const handle = await open(path, 'r');
  try {
    const { mode, size } = await handle.stat();
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      throw new ConfigError('PTC_E008', OPTION, path, 'take from others the right to read the file (chmod 600)');
    }
    const signer = size > MAX_KEY_BYTES ? undefined : await readSignerKey(await handle.readFile('utf8'));
    if (signer === undefined) {
      throw new ConfigError('PTC_E008', OPTION, path, 'name a file with a signer key, or one that is not there yet');
    }
    if (signer.name !== origin) {
      throw new ConfigError('PTC_E008', OPTION, path, 'set LEDGER_ORIGIN to the name in the key, or name another file');
    }
    return signer;
  } finally {
    await handle.close();
  }
}

/** Makes the file complete or not at all; false where it was there. */
async function makeKey(path: string, origin: string): Promise<boolean> {
  if (await isThere(path)) return false;
  await makeDirectory(dirname(resolve(path)));
  const unfinished = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  const handle = await open(unfinished, 'wx', 0o600);
  try {
    await writeKey(handle, origin);
    await link(unfinished, path);
    await syncDirectory(dirname(path));
    return true;
  } catch (error) {
    if (errorKind(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function writeKey(handle: FileHandle, origin: string): Promise<void> {
  try {
    await handle.writeFile(`${await signerKey(origin, randomBytes(32))}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await (await open(path, 'r')).close();
    return true;
  } catch (error) {
    if (errorKind(error) === 'ENOENT') return false;
    throw error;
  }
}
