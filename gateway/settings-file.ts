import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { ConfigError } from '../src/errors.ts';
import { parseJson } from '../src/json.ts';
import { badVariable, type Env, readText } from './env.ts';

/** Bytes of a settings file at most: 64 MiB. */
export const MAX_SETTINGS_FILE_BYTES: number = 64 * 1_048_576;

/**
 * The text of the file that a variable names, or of the one that a link there leads to. A key must not change by being
 * read, so what is not UTF-8 is refused.
 *
 * @throws {ConfigError} PTC_E011 naming the variable, never the path.
 */
export function readSettingsFile(env: Env, name: string, remedy: string): string {
  const bytes = readRegular(readText(env, name) ?? '');
  if (bytes === undefined) throw badVariable(env, name, remedy);
  if (bytes === 'too large') throw badVariable(env, name, 'the file may hold at most 64 MiB');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw badVariable(env, name, 'the file must be UTF-8');
  }
}

/** A device may never end, and a pipe never answer: neither is read. */
function readRegular(path: string): Uint8Array | 'too large' | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = fstatSync(file);
    if (!found.isFile()) return undefined;
    return found.size > MAX_SETTINGS_FILE_BYTES ? 'too large' : readFileSync(file);
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/**
 * Parses JSON of a settings file, strictly: of two equal members only one would be in force.
 *
 * @throws {ConfigError} PTC_E011 naming the variable.
 */
export function parseSettings(name: string, text: string): unknown {
  const result = parseJson(text);
  if (result.ok) return result.document.value;
  const remedy =
    result.code === 'PTC_D107' ? 'no object in the file may have one member twice' : 'the file must hold JSON';
  throw new ConfigError('PTC_E011', name, text, remedy);
}
