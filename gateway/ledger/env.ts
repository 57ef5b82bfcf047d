import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { isKeyName } from '../../src/ledger/note-key.ts';
import { badVariable, type Env, readInteger, readText } from '../env.ts';

/** What the ledger is told, besides where it is and how long its segments are. */
export interface LedgerSettings {
  /** The key that signs checkpoints; made where there is none. */
  readonly keyFile: string;
  /** Where the gateway remembers the newest checkpoint that it signed. */
  readonly signedFile: string;
  /** The ledger's name in its checkpoints, and that of the key. */
  readonly origin: string;
  readonly checkpointSeconds: number;
  /** A path, or a URL that begins with `http`. */
  readonly anchor: string | undefined;
  /** `undefined` keeps everything. */
  readonly retentionDays: number | undefined;
}

export const DEFAULT_LEDGER_ORIGIN = 'portcullis.local/ledger';
/** Seconds between checkpoints, where there is something new. */
export const DEFAULT_CHECKPOINT_SECONDS = 60;
/** A hundred years. */
const MAX_RETENTION_DAYS = 36_525;
const ON_THIS_MACHINE: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Reads `LEDGER_KEY_FILE`, `LEDGER_SIGNED_FILE`, `LEDGER_ORIGIN`, `LEDGER_CHECKPOINT_SECONDS`, `LEDGER_ANCHOR` and `LEDGER_RETENTION_DAYS`.
 *
 * @param directory the ledger's: neither key nor anchor nor the memory of what was signed may be in it, as who can change it could change them too
 * @throws {ConfigError} PTC_E011 for the first that cannot be used.
 */
export function readLedgerSettings(env: Env, directory: string): LedgerSettings {
  const keyFile = readText(env, 'LEDGER_KEY_FILE') ?? join(dirname(resolve(directory)), 'ledger.key');
  if (isWithin(directory, keyFile)) {
    throw badVariable(env, 'LEDGER_KEY_FILE', 'name a file that is not in WORM_BASE_DIR');
  }
  const signedFile = readText(env, 'LEDGER_SIGNED_FILE') ?? `${keyFile}.signed`;
  if (isWithin(directory, signedFile)) {
    throw badVariable(env, 'LEDGER_SIGNED_FILE', 'name a file that is not in WORM_BASE_DIR');
  }
  const origin = readText(env, 'LEDGER_ORIGIN') ?? DEFAULT_LEDGER_ORIGIN;
  if (origin.length > 256 || !isKeyName(origin)) {
    throw badVariable(env, 'LEDGER_ORIGIN', 'give a name such as example.com/ledger, without blanks and plus signs');
  }
  return {
    keyFile,
    signedFile,
    origin,
    checkpointSeconds: readInteger(env, 'LEDGER_CHECKPOINT_SECONDS', DEFAULT_CHECKPOINT_SECONDS, {
      min: 1,
      max: 86_400,
    }),
    anchor: readAnchor(env, directory),
    retentionDays:
      readText(env, 'LEDGER_RETENTION_DAYS') === undefined
        ? undefined
        : readInteger(env, 'LEDGER_RETENTION_DAYS', 1, { min: 1, max: MAX_RETENTION_DAYS }),
  };
}

/** Whether a path is a directory's own or in it. */
export function isWithin(directory: string, other: string): boolean {
  const path = relative(resolve(directory), resolve(other));
  return path === '' || !(path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path));
}

function readAnchor(env: Env, directory: string): string | undefined {
  const text = readText(env, 'LEDGER_ANCHOR');
  if (text === undefined) return undefined;
  if (!/^[a-z][a-z0-9+.-]+:/i.test(text)) {
    if (isWithin(directory, text)) throw badVariable(env, 'LEDGER_ANCHOR', 'name a file that is not in WORM_BASE_DIR');
    return text;
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && ON_THIS_MACHINE.has(url.hostname));
  if (url === undefined || !isSafe || url.username !== '' || url.password !== '') {
    const remedy = 'give an https URL without user and password (http only on this machine), or the path of a file';
    throw badVariable(env, 'LEDGER_ANCHOR', remedy);
  }
  return url.href;
}
