import type { DecisionCode } from './errors.ts';

/** Deepest nesting of objects and arrays that is accepted. */
export const MAX_JSON_DEPTH = 32;

/** A string value in the document's text: `start` and `end` lie inside the quotes. */
export interface JsonString {
  readonly start: number;
  readonly end: number;
  /** Holds at least one backslash, so text and value differ. */
  readonly escaped: boolean;
  /** Index for {@link JsonDocument.pointer}. */
  readonly node: number;
}

/** A parsed document that still knows where in the text each value stands. */
export interface JsonDocument {
  readonly text: string;
  readonly value: unknown;
  /** String values (not keys), in document order. */
  readonly strings: readonly JsonString[];
  /** RFC 6901 pointer of a node; built only when asked for. */
  pointer(node: number): string;
  /** The digits of a number that is a direct member of the top-level object: no double has rounded them. */
  numberText(key: string): string | undefined;
}

export type JsonResult =
  | { readonly ok: true; readonly document: JsonDocument }
  | { readonly ok: false; readonly code: DecisionCode };

/**
 * Parses JSON strictly (RFC 8259 plus: no duplicate keys, depth at most {@link MAX_JSON_DEPTH}).
 * `JSON.parse` keeps the last of two equal keys, so two readers of one document could disagree; here the
 * document is refused instead. Linear in the text for any text; never throws.
 *
 * @example
 * const result = parseJson('{"a":["x"]}');
 * if (result.ok) result.document.pointer(result.document.strings[0].node); // '/a/0'
 */
export function parseJson(text: string): JsonResult {
  const index = indexJson(text);
  if (typeof index === 'string') return { ok: false, code: index };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, code: 'PTC_D105' };
  }
  const { nodes, strings } = index;
  return {
    ok: true,
    document: {
      text,
      value,
      strings,
      pointer: (node) => pointerOf(text, nodes, node),
      numberText(key) {
        for (const node of nodes) {
          if (node.kind === 'number' && node.parent === 0 && node.key && keyText(text, node.key) === key) {
            return text.slice(node.start, node.end);
          }
        }
        return undefined;
      },
    },
  };
}

interface Key {
  readonly start: number;
  readonly end: number;
  readonly escaped: boolean;
}

interface Node {
  readonly kind: 'object' | 'array' | 'string' | 'number';
  readonly start: number;
  readonly end: number;
  /** Index of the container, -1 for the top. */
  readonly parent: number;
  readonly key: Key | undefined;
  readonly position: number;
}

interface Frame {
  readonly node: number;
  readonly isObject: boolean;
  firstKey: string | undefined;
  keys: Set<string> | undefined;
  key: Key | undefined;
  expectsKey: boolean;
  position: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;

/** One pass over the text that checks what JSON.parse does not, and leaves the grammar to it. */
function indexJson(text: string): { nodes: Node[]; strings: JsonString[] } | DecisionCode {
  const nodes: Node[] = [];
  const strings: JsonString[] = [];
  const frames: Frame[] = [];
  let frame: Frame | undefined;
  let nextBackslash = text.indexOf('\\');

  const add = (kind: Node['kind'], start: number, end: number): number => {
    nodes.push({
      kind,
      start,
      end,
      parent: frame ? frame.node : -1,
      key: frame?.isObject ? frame.key : undefined,
      position: frame ? frame.position : 0,
    });
    return nodes.length - 1;
  };

  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === QUOTE) {
      const end = closingQuote(text, i + 1);
      if (end < 0) return 'PTC_D105';
      if (nextBackslash >= 0 && nextBackslash <= i) nextBackslash = text.indexOf('\\', i);
      const literal = { start: i + 1, end, escaped: nextBackslash >= 0 && nextBackslash < end };
      if (frame?.expectsKey) {
        frame.key = literal;
        if (repeatsKey(text, frame, literal)) return 'PTC_D107';
      } else {
        strings.push({ ...literal, node: add('string', i + 1, end) });
      }
      i = end;
    } else if (char === COMMA) {
      if (frame === undefined) return 'PTC_D105';
      frame.position++;
      frame.expectsKey = frame.isObject;
    } else if (char === COLON) {
      if (frame === undefined) return 'PTC_D105';
      frame.expectsKey = false;
    } else if (char === 0x7b || char === 0x5b) {
      if (frames.length === MAX_JSON_DEPTH) return 'PTC_D108';
      const isObject = char === 0x7b;
      const node = add(isObject ? 'object' : 'array', i, i);
      frame = {
        node,
        isObject,
        firstKey: undefined,
        keys: undefined,
        key: undefined,
        expectsKey: isObject,
        position: 0,
      };
      frames.push(frame);
    } else if (char === 0x7d || char === 0x5d) {
      if (frames.pop() === undefined) return 'PTC_D105';
      frame = frames[frames.length - 1];
    } else if (char === MINUS || (char >= ZERO && char <= NINE)) {
      const start = i;
      while (i + 1 < text.length && isNumberPart(text.charCodeAt(i + 1))) i++;
      add('number', start, i + 1);
    }
  }
  return { nodes, strings };
}

/** Position of the quote that ends the string, or -1. Runs of backslashes are counted once each: linear. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (at - 1 - slashes >= from && text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

function repeatsKey(text: string, frame: Frame, literal: Key): boolean {
  const key = keyText(text, literal);
  if (frame.firstKey === undefined) {
    frame.firstKey = key;
    return false;
  }
  frame.keys ??= new Set([frame.firstKey]);
  if (frame.keys.has(key)) return true;
  frame.keys.add(key);
  return false;
}

function keyText(text: string, key: Key): string {
  const raw = text.slice(key.start, key.end);
  return key.escaped ? unescapeJson(raw) : raw;
}

/** The value of a string literal's inside; the raw text if its escapes are not valid JSON. */
export function unescapeJson(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}

function isNumberPart(char: number): boolean {
  return (
    (char >= ZERO && char <= NINE) || char === 0x2e || char === 0x2b || char === MINUS || char === 0x65 || char === 0x45
  );
}

function pointerOf(text: string, nodes: readonly Node[], node: number): string {
  const parts: string[] = [];
  for (let at = nodes[node]; at && at.parent >= 0; at = nodes[at.parent]) {
    parts.push(pointerToken(at.key ? keyText(text, at.key) : String(at.position)));
  }
  return parts
    .map((part) => `/${part}`)
    .reverse()
    .join('');
}

/** Escapes one reference token (RFC 6901 section 3). */
export function pointerToken(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/**
 * The value at an RFC 6901 pointer, own properties only; `undefined` where nothing is.
 *
 * @example
 * valueAt({ a: [1, 2] }, '/a/1'); // 2
 */
export function valueAt(value: unknown, pointer: string): unknown {
  if (pointer === '') return value;
  let at = value;
  for (const part of pointer.slice(1).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}
