import type { DecisionCode } from './errors.ts';

/** Deepest nesting of objects and arrays that is accepted. */
export const MAX_JSON_DEPTH = 32;

/** A string value or a key in the document's text: `start` and `end` lie inside the quotes. */
export interface JsonString {
  readonly start: number;
  readonly end: number;
  /** Holds at least one backslash, so text and value differ. */
  readonly escaped: boolean;
  /** Index for {@link JsonDocument.pointer}: of the value, or of the object that has the key. */
  readonly node: number;
}

/** A number in the document's text. */
export interface JsonNumber {
  readonly start: number;
  readonly end: number;
  readonly node: number;
}

/** A parsed document that still knows where in the text each value stands. */
export interface JsonDocument {
  readonly text: string;
  readonly value: unknown;
  /** String values (not keys), in document order. */
  readonly strings: readonly JsonString[];
  /** Keys of all objects, in document order. */
  readonly keys: readonly JsonString[];
  /** Numbers, in document order; collected when asked for. */
  numbers(): readonly JsonNumber[];
  /** RFC 6901 pointer of a node; built only when asked for. As long as the keys on its way. */
  pointer(node: number): string;
  /** Keys and array positions from the top to a node, for those who must not copy long keys. */
  path(node: number): readonly (JsonString | number)[];
  /** Whether a node is where unescaped reference tokens lead. Takes no longer than comparing them. */
  isAt(node: number, tokens: readonly string[]): boolean;
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
  const index = indexJson(text, false);
  if (typeof index === 'string') return refusal(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refusal(text);
  }
  const { nodes, strings, keys } = index;
  if (membersIn(value) !== keys.length) return refusal(text);
  return {
    ok: true,
    document: {
      text,
      value,
      strings,
      keys,
      numbers: () => nodes.filter(({ kind }) => kind === 'number'),
      pointer: (node) =>
        pathOf(nodes, node)
          .map((step) => `/${pointerToken(stepText(text, step))}`)
          .join(''),
      path: (node) => pathOf(nodes, node),
      isAt: (node, tokens) => isAt(text, nodes, node, tokens),
      numberText(key) {
        for (const node of nodes) {
          const { kind, parent, step } = node;
          if (kind === 'number' && parent === 0 && typeof step === 'object' && isLiteral(text, step, key)) {
            return text.slice(node.start, node.end);
          }
        }
        return undefined;
      },
    },
  };
}

/** Members of all objects in a value: fewer than keys in its text where one came twice, of which the last is left. */
function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const items: readonly unknown[] = Object.values(value);
  let count = Array.isArray(value) ? 0 : items.length;
  for (const item of items) count += membersIn(item);
  return count;
}

/** What is wrong first in a text that something is wrong with. */
function refusal(text: string): JsonResult {
  const code = indexJson(text, true);
  return { ok: false, code: typeof code === 'string' ? code : 'PTC_D105' };
}

/** A value in the text; of a string, its inside. */
interface Node extends JsonString {
  readonly kind: 'object' | 'array' | 'string' | 'number';
  /** Index of the container, -1 for the top. */
  readonly parent: number;
  /** Its key, or its position in an array. */
  readonly step: JsonString | number;
}

interface Frame {
  readonly node: number;
  readonly isObject: boolean;
  firstKey: string | undefined;
  keys: Set<string> | undefined;
  key: JsonString | undefined;
  expectsKey: boolean;
  position: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;

/** One pass over the text that checks what JSON.parse does not, keys that come twice if asked, and leaves the grammar to it. */
function indexJson(
  text: string,
  checksKeys: boolean,
): { nodes: Node[]; strings: JsonString[]; keys: JsonString[] } | DecisionCode {
  const nodes: Node[] = [];
  const strings: JsonString[] = [];
  const keys: JsonString[] = [];
  const frames: Frame[] = [];
  let frame: Frame | undefined;
  let nextBackslash = text.indexOf('\\');

  const add = (kind: Node['kind'], start: number, end: number, escaped: boolean): Node => {
    const parent = frame ? frame.node : -1;
    const step = frame?.key ?? frame?.position ?? 0;
    const node = { kind, start, end, escaped, node: nodes.length, parent, step };
    nodes.push(node);
    return node;
  };

  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === QUOTE) {
      const end = closingQuote(text, i + 1);
      if (end < 0) return 'PTC_D105';
      if (nextBackslash >= 0 && nextBackslash <= i) nextBackslash = text.indexOf('\\', i);
      const escaped = nextBackslash >= 0 && nextBackslash < end;
      if (frame?.expectsKey) {
        const key = { start: i + 1, end, escaped, node: frame.node };
        if (checksKeys && repeatsKey(text, frame, key)) return 'PTC_D107';
        frame.key = key;
        keys.push(key);
      } else {
        strings.push(add('string', i + 1, end, escaped));
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
      const { node } = add(isObject ? 'object' : 'array', i, i, false);
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
      add('number', start, i + 1, false);
    }
  }
  return { nodes, strings, keys };
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

function repeatsKey(text: string, frame: Frame, literal: JsonString): boolean {
  const key = literalText(text, literal);
  if (frame.firstKey === undefined) {
    frame.firstKey = key;
    return false;
  }
  frame.keys ??= new Set([frame.firstKey]);
  if (frame.keys.has(key)) return true;
  frame.keys.add(key);
  return false;
}

/** The value of a string or a key. Linear in its length. */
export function literalText(text: string, literal: JsonString): string {
  const raw = text.slice(literal.start, literal.end);
  return literal.escaped ? unescapeJson(raw) : raw;
}

/** Characters that one character of a value may take in the text: `\\u0041`. */
const LONGEST_ESCAPE = 6;

/** Whether a literal's value is `value`, without decoding what is too long or too short to be it. */
function isLiteral(text: string, literal: JsonString, value: string): boolean {
  const length = literal.end - literal.start;
  if (!literal.escaped) return length === value.length && text.startsWith(value, literal.start);
  return length >= value.length && length <= value.length * LONGEST_ESCAPE && literalText(text, literal) === value;
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

function pathOf(nodes: readonly Node[], node: number): (JsonString | number)[] {
  const steps: (JsonString | number)[] = [];
  for (let at = nodes[node]; at && at.parent >= 0; at = nodes[at.parent]) steps.push(at.step);
  return steps.reverse();
}

function stepText(text: string, step: JsonString | number): string {
  return typeof step === 'number' ? String(step) : literalText(text, step);
}

function isAt(text: string, nodes: readonly Node[], node: number, tokens: readonly string[]): boolean {
  let at = nodes[node];
  for (let i = tokens.length - 1; i >= 0; i--) {
    const token = tokens[i]!;
    if (at === undefined || at.parent < 0) return false;
    const { step } = at;
    if (typeof step === 'number' ? String(step) !== token : !isLiteral(text, step, token)) return false;
    at = nodes[at.parent];
  }
  return at !== undefined && at.parent < 0;
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
    // The one own property of an array that is no element.
    if (key === 'length' && Array.isArray(at)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}
