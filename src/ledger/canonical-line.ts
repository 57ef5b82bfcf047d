/** Levels of objects and arrays in one line, the outermost included. Every jq reads 256. */
export const MAX_LINE_DEPTH = 16;

/** DEL, which jq escapes and JSON.stringify does not, and halves of surrogate pairs, which jq refuses. */
const NOT_PORTABLE = /[\u007f\p{Cs}]/gu;
const MAYBE_NOT_PORTABLE = /[\u007f\ud800-\udfff]/;

/**
 * A value as one line of JSON that every jq (1.5 and later) writes back byte for byte: members in the order they have, no spaces,
 * numbers only where they are safe integers. Any other finite number becomes a string of its shortest decimal text,
 * since jq 1.6 writes `1e-05` and jq 1.7 `0.00001`; a bigint becomes a string too. NaN and infinities become `null`. DEL and
 * halves of surrogate pairs become U+FFFD. What JSON leaves out (`undefined`, functions) is left out. Linear.
 *
 * @throws {RangeError} for more than {@link MAX_LINE_DEPTH} levels, so also for a circle.
 * @throws {TypeError} for a member whose name holds DEL or half a surrogate pair.
 *
 * @example
 * canonicalLine({ b: 1, a: 0.5, at: new Date(0) }); // '{"b":1,"a":"0.5","at":"1970-01-01T00:00:00.000Z"}'
 */
export function canonicalLine(value: unknown): string {
  return canonicalText(value, 0) ?? 'null';
}

/**
 * The same of the value of a member of such a line; `undefined` where that leaves the member out.
 *
 * @throws as {@link canonicalLine} does.
 *
 * @example
 * canonicalMember([0.5]); // '["0.5"]'
 */
export function canonicalMember(value: unknown): string | undefined {
  return canonicalText(value, 1);
}

function canonicalText(value: unknown, depth: number): string | undefined {
  if (isPlain(value, depth)) {
    const text = JSON.stringify(value);
    // It writes halves of surrogate pairs as escapes.
    if (!text.includes('\u007f') && !text.includes('\\ud')) return text;
  }
  return encode(value, depth);
}

/**
 * Whether `JSON.stringify`, which is several times as fast, writes a value as it has to be, but for characters: whether it
 * consists of texts, safe integers, booleans, null, and arrays and objects that are nothing more.
 */
function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isSafeInteger(value);
    case 'object':
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth === MAX_LINE_DEPTH || (value as { toJSON?: unknown }).toJSON !== undefined) return false;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) if (!isPlain(value[at], depth + 1)) return false;
    return true;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const name in value) if (!isPlain((value as Record<string, unknown>)[name], depth + 1)) return false;
  return true;
}

function encode(value: unknown, depth: number): string | undefined {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      // Adding nothing turns -0 into 0, which jq 1.6 writes with its sign.
      if (Number.isSafeInteger(value)) return String(value + 0);
      return Number.isFinite(value) ? `"${value}"` : 'null';
    case 'boolean':
      return String(value);
    case 'bigint':
      return `"${value}"`;
    case 'object':
      return value === null ? 'null' : encodeObject(value, depth);
    default:
      return undefined;
  }
}

function encodeObject(value: object, depth: number): string | undefined {
  if (depth === MAX_LINE_DEPTH) throw new RangeError(`a ledger record has more than ${MAX_LINE_DEPTH} levels`);
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return encode(toJSON.call(value), depth + 1);
  // Unlike `map`, it does not leave out holes.
  if (Array.isArray(value)) return `[${Array.from(value, (item) => encode(item, depth + 1) ?? 'null').join(',')}]`;
  let members = '';
  for (const name of Object.keys(value)) {
    const text = encode((value as Record<string, unknown>)[name], depth + 1);
    if (text === undefined) continue;
    if (!isPortable(name)) throw new TypeError('a ledger record has a member whose name is not portable');
    members += `${members === '' ? '' : ','}${JSON.stringify(name)}:${text}`;
  }
  return `{${members}}`;
}

function quote(text: string): string {
  return JSON.stringify(isPortable(text) ? text : text.replaceAll(NOT_PORTABLE, '\ufffd'));
}

/** Pairs of surrogates are fine, and rare enough to be looked at twice. */
function isPortable(text: string): boolean {
  return !MAYBE_NOT_PORTABLE.test(text) || text.search(NOT_PORTABLE) < 0;
}
