import { readFileSync } from 'node:fs';
import { ConfigError } from '../src/errors.ts';
import { parseJson } from '../src/json.ts';
import { badVariable, type Env, readText } from './env.ts';

/**
 * The text of the file that a variable names. A key must not change by being read, so what is not UTF-8 is refused.
 *
 * @throws {ConfigError} PTC_E011 naming the variable, never the path.
 */
export function readSettingsFile(env: Env, name: string, remedy: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(readText(env, name) ?? '');
  } catch {
    throw badVariable(env, name, remedy);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw badVariable(env, name, 'the file must be UTF-8');
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
