import { TOKEN } from './http-token.ts';

/** Characters of a media type that are read; a longer one is taken for malformed. */
export const MAX_MEDIA_TYPE_CHARS = 1_024;

/** A `Content-Type`, taken apart. */
export interface MediaType {
  /** Type and subtype in lower case: `application/json`. */
  readonly type: string;
  /** Values by lower-case name, unquoted, in the letter case that they came in. */
  readonly parameters: ReadonlyMap<string, string>;
}

const QUOTED = '"((?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t\\x20-\\x7e\\x80-\\xff])*)"';
const TYPE = new RegExp(`^[ \\t]*(${TOKEN}/${TOKEN})`);
const PARAMETER = new RegExp(`[ \\t]*;[ \\t]*(?:(${TOKEN})=(?:(${TOKEN})|${QUOTED}))?`, 'y');
const REST = /[ \t]*$/y;
/** What most requests of an API come with: known without a look. */
const JSON_TYPE: MediaType = Object.freeze({ type: 'application/json', parameters: new Map() });

/**
 * Parses a `Content-Type` by the letter of RFC 9110 section 8.3.1, where lenient parsers disagree with each other.
 * `undefined` for anything else, and for what is valid but read differently by different parsers: a name twice, and
 * charsets in the form of RFC 2231 (`charset*=`). Linear, over {@link MAX_MEDIA_TYPE_CHARS} characters at most; never
 * throws.
 *
 * @example
 * parseMediaType('text/plain; charset="utf-8"')?.parameters.get('charset'); // 'utf-8'
 */
export function parseMediaType(value: string): MediaType | undefined {
  if (value === JSON_TYPE.type) return JSON_TYPE;
  if (value.length > MAX_MEDIA_TYPE_CHARS) return undefined;
  const head = TYPE.exec(value);
  if (head === null) return undefined;
  const parameters = new Map<string, string>();
  let at = head[0].length;
  for (;;) {
    PARAMETER.lastIndex = at;
    const match = PARAMETER.exec(value);
    if (match === null) break;
    at = PARAMETER.lastIndex;
    const name = match[1]?.toLowerCase();
    // RFC 9110 section 5.6.6 lets a semicolon stand alone.
    if (name === undefined) continue;
    if (parameters.has(name) || name.startsWith('charset*')) return undefined;
    parameters.set(name, match[2] ?? match[3]!.replace(/\\(.)/g, '$1'));
  }
  REST.lastIndex = at;
  return REST.test(value) ? { type: head[1]!.toLowerCase(), parameters } : undefined;
}

/**
 * Whether text of this media type is UTF-8 as far as the type says: it names no charset, or `utf-8` (`utf8`).
 *
 * @example
 * claimsUtf8({ type: 'text/plain', parameters: new Map([['charset', 'UTF-8']]) }); // true
 */
export function claimsUtf8({ parameters }: MediaType): boolean {
  const charset = parameters.get('charset');
  return charset === undefined || /^utf-?8$/i.test(charset);
}
