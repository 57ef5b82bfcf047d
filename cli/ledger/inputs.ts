import { readFile, stat } from 'node:fs/promises';
import process from 'node:process';
import { ledgerSegments } from '../../gateway/ledger/read.ts';
import { ConfigError } from '../../src/errors.ts';
import { type NoteVerifier, readVerifierKey } from '../../src/ledger/note-key.ts';

const DEFAULT_DIRECTORY = 'data/audit-worm';
/** Bytes of a file with keys at most. */
const MAX_KEY_FILE_BYTES = 65_536;

/**
 * The directory of the ledger. One that is not there must not pass for a ledger without entries.
 *
 * @throws {ConfigError} PTC_E013 if it is no directory.
 */
export async function ledgerDirectory(given: string | undefined): Promise<string> {
  const path = given ?? (process.env.WORM_BASE_DIR || DEFAULT_DIRECTORY);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return path;
  throw new ConfigError('PTC_E013', '--dir', path, 'name the directory of a ledger');
}

/**
 * A verifier key, or those in a file, one a line.
 *
 * @throws {ConfigError} PTC_E013 if it is neither a key nor a file, PTC_E008 if the file has another line.
 */
export async function verifierKeys(given: string): Promise<readonly NoteVerifier[]> {
  const key = readVerifierKey(given.trim());
  if (key !== undefined) return [key];
  const size = await stat(given).then(
    (found) => (found.isFile() ? found.size : Number.POSITIVE_INFINITY),
    () => Number.POSITIVE_INFINITY,
  );
  if (size > MAX_KEY_FILE_BYTES) {
    throw new ConfigError('PTC_E013', '--key', given, 'give a verifier key, or the path of a file with some');
  }
  const lines = (await readFile(given, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  const keys = lines.map((line) => readVerifierKey(line.trim()));
  if (keys.length > 0 && keys.every((one) => one !== undefined)) return keys;
  throw new ConfigError('PTC_E008', '--key', given, 'give a file with verifier keys, one a line');
}

/** Bytes of all segments. */
export async function bytesOf(directory: string): Promise<number> {
  const there = (await ledgerSegments(directory)).filter(({ present }) => present);
  const sizes = await Promise.all(
    there.map(({ path }) =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The one argument that is no option. */
export function onlyArgument(name: string, positionals: readonly string[]): string {
  const [first, second] = positionals;
  const remedy = 'see portcullis ledger --help';
  if (first === undefined || first === '') throw new ConfigError('PTC_E001', name, undefined, remedy);
  if (second !== undefined) throw new ConfigError('PTC_E003', name, positionals, remedy);
  return first;
}
