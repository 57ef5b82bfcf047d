import { Buffer } from 'node:buffer';
import { canonicalMember } from '../../src/ledger/canonical-line.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { isKnown, type KnownValue, known } from './known-value.ts';

/** Bytes of an image at most: an entry of a gateway takes less than a quarter. */
export const IMAGE_BYTES = 8_192;
/** Neither the name of a hash, which is not the record's to give, nor one that would be escaped or refused. */
const ORDINARY_NAME = /^(?!(?:prev|entry)_hash$)[ !#-[\]-~]*$/;
const [QUOTE, COMMA] = [0x22, 0x2c];

/** The line of a record up to the hashes, and what it was made of. */
export interface LineImage {
  readonly bytes: Uint8Array;
  /** The same memory. Loops over a `Buffer` take twice as long. */
  readonly buffer: Buffer;
  /** Bytes that are in use. */
  length: number;
  /** Of each member its name, its value, where the text of that begins and what is behind it. */
  names: string[];
  values: KnownValue[];
  starts: number[];
  ends: number[];
}

/** What {@link takeOver} works with, so that it makes nothing. */
export interface Workspace {
  readonly texts: Uint8Array;
  /** The same memory. */
  readonly buffer: Buffer;
  /** Members whose texts changed. */
  readonly changed: number[];
  /** For each byte 1 where it is no ASCII, or has to be escaped or replaced in a text. */
  readonly special: Uint8Array;
}

export function makeWorkspace(): Workspace {
  const isSpecial = (byte: number): boolean => byte < 0x20 || byte === QUOTE || byte === 0x5c || byte >= 0x7f;
  const special = Uint8Array.from({ length: 256 }, (_, byte) => (isSpecial(byte) ? 1 : 0));
  const buffer = Buffer.allocUnsafeSlow(IMAGE_BYTES);
  return { texts: plain(buffer), buffer, changed: [], special };
}

function plain({ buffer, byteOffset, length }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

/**
 * Makes the image of a record; `undefined` where its line is better encoded as a whole, each time.
 *
 * @param buffer memory to make it in
 * @throws as `encodeEntry` does.
 */
export function imageOf(
  record: LedgerRecord,
  buffer: Buffer = Buffer.allocUnsafeSlow(IMAGE_BYTES),
): LineImage | undefined {
  const bytes = plain(buffer);
  const image: LineImage = { bytes, buffer, length: 0, names: [], values: [], starts: [], ends: [] };
  image.length += buffer.write('{');
  for (const name of Object.keys(record)) {
    const text = canonicalMember(record[name]);
    if (text === undefined) continue;
    if (!ORDINARY_NAME.test(name) || image.length + name.length + 3 * text.length + 4 > IMAGE_BYTES) return undefined;
    image.length += buffer.write(`"${name}":`, image.length);
    image.names.push(name);
    image.values.push(known(record[name]));
    image.starts.push(image.length);
    image.length += buffer.write(text, image.length);
    image.ends.push(image.length);
    bytes[image.length++] = COMMA;
  }
  return image;
}

/**
 * Turns an image into that of another record with the same members, by what differs between them. Several times as fast as
 * encoding the record: in a ledger, most of an entry is as it was in the one before.
 *
 * @returns whether it could. If not, or where it throws, the image is of no use any more.
 * @throws as `encodeEntry` does.
 */
export function takeOver(image: LineImage, record: LedgerRecord, workspace: Workspace): boolean {
  const { names, values } = image;
  const { changed } = workspace;
  let texts = '';
  let texted = 0;
  let at = 0;
  for (const name in record) {
    const value = record[name];
    if (value === undefined) continue;
    if (name !== names[at]) return false;
    if (typeof value === 'string') {
      if (value !== values[at]) {
        if (!resize(image, at, value.length + 2)) return false;
        values[at] = value;
        texts += value;
        changed[texted++] = at;
      }
    } else if (!isKnown(value, values[at]) && !put(image, at, value)) return false;
    at++;
  }
  if (at < names.length) return false;
  if (texted === 0 || putAsIs(image, texts, texted, workspace)) return true;
  for (let one = 0; one < texted; one++) {
    const member = changed[one] as number;
    if (!put(image, member, values[member])) return false;
  }
  return true;
}

/** Writes texts that are together one, into the room there is for them, unless any character is special. */
function putAsIs(
  image: LineImage,
  all: string,
  count: number,
  { texts, buffer, changed, special }: Workspace,
): boolean {
  if (all.length > texts.length || buffer.write(all) !== all.length) return false;
  const { bytes, starts, ends } = image;
  let from = 0;
  let found = 0;
  for (let one = 0; one < count; one++) {
    const member = changed[one] as number;
    const end = (ends[member] as number) - 1;
    let to = starts[member] as number;
    bytes[to++] = QUOTE;
    while (to < end) {
      const byte = texts[from++] as number;
      found |= special[byte] as number;
      bytes[to++] = byte;
    }
    bytes[to] = QUOTE;
  }
  return found === 0;
}

function put(image: LineImage, at: number, value: unknown): boolean {
  // Adding nothing turns -0 into 0.
  const text = Number.isSafeInteger(value) ? `${(value as number) + 0}` : canonicalMember(value);
  if (text === undefined || !resize(image, at, Buffer.byteLength(text))) return false;
  image.buffer.write(text, image.starts[at] as number);
  image.values[at] = known(value);
  return true;
}

/** Makes room of so many bytes for the value of a member; whether there is as much. */
function resize(image: LineImage, at: number, size: number): boolean {
  const { bytes, starts, ends } = image;
  const end = ends[at] as number;
  const more = size - (end - (starts[at] as number));
  if (more === 0) return true;
  if (image.length + more > IMAGE_BYTES) return false;
  bytes.copyWithin(end + more, end, image.length);
  image.length += more;
  ends[at] = end + more;
  for (let behind = at + 1; behind < ends.length; behind++) {
    starts[behind] = (starts[behind] as number) + more;
    ends[behind] = (ends[behind] as number) + more;
  }
  return true;
}
