import { ConfigError } from '../../errors.ts';
import { type JsonDocument, type JsonString, literalText, pointerToken } from '../../json.ts';
import type { Kit } from './kit.ts';
import { makeScanner, type Scanner } from './scanner.ts';

/** Characters of one key that a place may show. */
export const MAX_TOKEN_CHARS = 64;
/** What a place shows for a key that is longer. */
export const LONG_KEY = '[LONG_KEY]';

/** Unescaped reference tokens of one RFC 6901 pointer. */
export type Tokens = readonly string[];

/**
 * Checks a list of RFC 6901 pointers and takes them apart.
 *
 * @throws {ConfigError} naming the option.
 */
export function pointersOption(option: string, pointers: readonly string[] | undefined): readonly Tokens[] {
  if (pointers === undefined) return [];
  if (!Array.isArray(pointers)) throw new ConfigError('PTC_E002', option, pointers, 'give an array of JSON pointers');
  return pointers.map((pointer, i) => {
    if (typeof pointer !== 'string' || !/^(?:\/(?:[^~/]|~[01])*)*$/u.test(pointer)) {
      throw new ConfigError(
        'PTC_E002',
        `${option}[${i}]`,
        pointer,
        'give an RFC 6901 pointer: empty, or beginning with /',
      );
    }
    return pointer
      .split('/')
      .slice(1)
      .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  });
}

/** Whether a node is where one of the pointers leads. */
export function isAtOneOf(document: JsonDocument, node: number, pointers: readonly Tokens[]): boolean {
  for (const tokens of pointers) if (document.isAt(node, tokens)) return true;
  return false;
}

/** @param own scanner of the policy in force, whose custom patterns count too */
export type SafePointer = (document: JsonDocument, node: number, own: Scanner, key?: JsonString) => string;

/**
 * Makes pointers that may be shown: keys come from the client too, so what any recognizer of the kit finds in one is replaced by its
 * label, and a key of more than {@link MAX_TOKEN_CHARS} characters by {@link LONG_KEY}.
 */
export function safePointers(kit: Kit): SafePointer {
  const scanner = makeScanner(kit, 'scanner', { types: kit.types });

  function token(text: string, step: JsonString | number, own: Scanner): string {
    if (typeof step === 'number') return String(step);
    // Six characters of text may stand for one of the key.
    if (step.end - step.start > MAX_TOKEN_CHARS * 6) return LONG_KEY;
    const key = literalText(text, step);
    return key.length > MAX_TOKEN_CHARS ? LONG_KEY : pointerToken(own.redact(scanner.redact(key).text).text);
  }

  return (document, node, own, key) => {
    const steps = key === undefined ? document.path(node) : [...document.path(node), key];
    return steps.map((step) => `/${token(document.text, step, own)}`).join('');
  };
}
