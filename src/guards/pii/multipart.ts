import { parseMediaType } from '../../media-type.ts';

/** Longest boundary, RFC 2046 section 5.1.1. */
const LONGEST_BOUNDARY = 70;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * The texts in a multipart body that is not one text as a whole, each made when it is asked for: what stands between two
 * delimiters, with what is no UTF-8 replaced; of a file that is no text, such as a picture, the header only. A delimiter
 * counts wherever it stands: where parsers disagree about a part, both readings are covered. `undefined` if the content type
 * is no multipart with a boundary. Linear in the bytes.
 */
export function multipartTexts(bytes: Uint8Array, contentType: string | undefined): Iterable<string> | undefined {
  const media = contentType === undefined ? undefined : parseMediaType(contentType);
  const boundary = media?.type.startsWith('multipart/') ? media.parameters.get('boundary') : undefined;
  if (!boundary || boundary.length > LONGEST_BOUNDARY) return undefined;
  return textsBetween(bytes, new TextEncoder().encode(`--${boundary}`));
}

function* textsBetween(bytes: Uint8Array, delimiter: Uint8Array): Generator<string> {
  // One for all: there may be as many parts as bytes.
  const decoder = new TextDecoder();
  let from = 0;
  while (from <= bytes.length) {
    const next = indexOf(bytes, delimiter, from);
    const part = bytes.subarray(from, next < 0 ? bytes.length : next);
    const text = decoder.decode(isPicture(part) && !isText(part) ? part.subarray(0, headerEnd(part)) : part);
    yield text;
    // UTF-16 in either order, as far as it is ASCII.
    if (text.includes('\0')) yield text.replaceAll('\0', '');
    if (next < 0) return;
    from = next + delimiter.length;
  }
}

function isText(part: Uint8Array): boolean {
  if (part.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(part);
    return true;
  } catch {
    return false;
  }
}

/**
 * RFC 7578 section 4.2: a file with a type that is no text. Whatever else is not UTF-8 is read as well as it can be, and so is
 * a part whose header leaves any doubt: parsers that are laxer may see a text field.
 */
function isPicture(part: Uint8Array): boolean {
  const end = part.length < SHORTEST_HEADER ? part.length : headerEnd(part);
  if (end === part.length || end > LONGEST_HEADER) return false;
  const fields = fieldsOf(new TextDecoder('latin1').decode(part.subarray(0, end)));
  const type = fields?.get('content-type');
  if (type === undefined || !isFile(fields?.get('content-disposition') ?? '')) return false;
  return NO_TEXT.test(parseMediaType(type)?.type ?? '');
}

/** `;filename=""`, `content-type:font/x`, and what ends the header. */
const SHORTEST_HEADER = 30;
const LONGEST_HEADER = 2_048;
const NO_TEXT = /^(?:image|audio|video|font|application)\/(?!json$|xml$|x-www-form-urlencoded$|.*\+(?:json|xml)$)/;

/** The fields of a part's header by name; `undefined` for a header that is not by the letter, or says a thing twice. */
function fieldsOf(header: string): ReadonlyMap<string, string> | undefined {
  const [before, ...lines] = header.replace(/\r$/, '').split('\r\n');
  if (before !== '') return undefined;
  const fields = new Map<string, string>();
  for (const line of lines) {
    const field = /^([!-9;-~]{1,64}):[ \t]{0,8}([!-~](?:.*[!-~])?)[ \t]{0,8}$/.exec(line);
    const name = field?.[1]?.toLowerCase();
    if (name === undefined || fields.has(name)) return undefined;
    fields.set(name, field![2]!);
  }
  return fields;
}

const DISPOSITION = /^(?:form-data|attachment|inline)(?:;[ \t]{0,8}[a-z]{1,16}="[^"\\]{0,255}"){1,4}$/i;

/** Whether a disposition names a file: with a parameter of its own, not inside another. */
function isFile(disposition: string): boolean {
  if (!DISPOSITION.test(disposition)) return false;
  const names = [...disposition.matchAll(/;[ \t]{0,8}([a-z]{1,16})="[^"]*"/gi)].map(([, name]) => name!.toLowerCase());
  return names.includes('filename') && new Set(names).size === names.length;
}

/** Where the first empty line ends the header of a part; the part's length, if none does. */
function headerEnd(part: Uint8Array): number {
  for (let at = part.indexOf(NEWLINE); at >= 0; at = part.indexOf(NEWLINE, at + 1)) {
    const next = part[at + 1];
    if (next === NEWLINE || (next === RETURN && part[at + 2] === NEWLINE)) return at;
  }
  return part.length;
}

/** Looks for the first byte natively: a delimiter begins with two hyphens, which bodies seldom have many of. */
function indexOf(bytes: Uint8Array, needle: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(needle[0]!, from); at >= 0; at = bytes.indexOf(needle[0]!, at + 1)) {
    let length = 1;
    while (length < needle.length && bytes[at + length] === needle[length]) length++;
    if (length === needle.length) return at;
  }
  return -1;
}
