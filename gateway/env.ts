import { ConfigError } from '../src/errors.ts';

/** Environment variables, as `process.env` holds them. An empty one counts as not set. */
export type Env = Readonly<Record<string, string | undefined>>;

/** @throws {ConfigError} PTC_E011 naming the variable and the kind of its value. */
export function badVariable(env: Env, name: string, remedy: string): ConfigError {
  return new ConfigError('PTC_E011', name, env[name], remedy);
}

export function readText(env: Env, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === '' ? undefined : value;
}

/**
 * A secret: without blanks around it or control characters in it, which a file that was read or a line that was
 * pasted leaves there and nobody sees.
 */
export function readSecret(env: Env, name: string): string | undefined {
  const text = readText(env, name);
  if (text !== undefined && !isCleanSecret(text)) throw badVariable(env, name, CLEAN_SECRET);
  return text;
}

export function isCleanSecret(text: string): boolean {
  return text.trim() === text && !/\p{Cc}/u.test(text);
}

export const CLEAN_SECRET = 'give it without blanks around it and without control characters';

export function readBoolean(env: Env, name: string, fallback: boolean): boolean {
  switch (readText(env, name)?.toLowerCase()) {
    case undefined:
      return fallback;
    case 'true':
    case '1':
      return true;
    case 'false':
    case '0':
      return false;
    default:
      throw badVariable(env, name, 'use true or false');
  }
}

export function readInteger(
  env: Env,
  name: string,
  fallback: number,
  { min, max = Number.MAX_SAFE_INTEGER }: { readonly min: number; readonly max?: number },
): number {
  const text = readText(env, name);
  if (text === undefined) return fallback;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw badVariable(env, name, `give a whole number from ${min} to ${max}`);
}

export function readWord<const T extends string>(env: Env, name: string, fallback: T, allowed: readonly T[]): T {
  const text = readText(env, name);
  if (text === undefined) return fallback;
  const word = allowed.find((one) => one === text);
  if (word === undefined) throw badVariable(env, name, `use one of ${allowed.join(', ')}`);
  return word;
}
