import { ConfigError } from '../../errors.ts';

/** An RFC 6901 pointer, split and unescaped once, so that a request only walks it. */
export type Path = readonly string[];

const POINTER = /^(?:\/(?:[^/~]|~[01])*)*$/;
const ARRAY_INDEX = /^(?:0|[1-9][0-9]*)$/;

/** Longest pointer that is accepted, in UTF-16 units; no document nests deep enough to need more. */
export const MAX_POINTER_LENGTH = 1_024;

/**
 * Splits a JSON Pointer (RFC 6901 section 3).
 *
 * @throws {ConfigError} if it is not one: it must be empty or begin with `/`, with `~` only in `~0` and `~1`.
 *
 * @example
 * compilePointer('option', '/a~1b/0'); // ['a/b', '0']
 */
export function compilePointer(option: string, pointer: unknown): Path {
  const remedy = "give a JSON Pointer such as '/user/age', or '' for the whole body";
  if (typeof pointer !== 'string') throw new ConfigError('PTC_E002', option, pointer, remedy);
  if (pointer.length > MAX_POINTER_LENGTH || !POINTER.test(pointer)) {
    throw new ConfigError('PTC_E003', option, pointer, remedy);
  }
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a path: own members and array elements only; `undefined`, which JSON cannot hold, where nothing is. */
export function walk(document: unknown, path: Path): unknown {
  let at = document;
  for (const token of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, token)) return undefined;
    // `length` is an own property of an array, and no element.
    if (Array.isArray(at) && !ARRAY_INDEX.test(token)) return undefined;
    at = (at as Record<string, unknown>)[token];
  }
  return at;
}
