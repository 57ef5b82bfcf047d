import { sha256OfBlock } from './sha256-block.ts';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** A version byte, twenty bytes of hash, four of checksum. */
const BYTES = 25;
const HASHED = 21;
const WORDS = 7;
const WORD = 2 ** 32;
/** 58 ** 36 is more than 25 bytes hold. */
const LONGEST = 35;

const VALUES: Int8Array = valuesByCode();

function valuesByCode(): Int8Array {
  const values = new Int8Array(128).fill(-1);
  for (let value = 0; value < ALPHABET.length; value++) values[ALPHABET.charCodeAt(value)] = value;
  return values;
}

/**
 * The version byte of an address in Base58Check (Bitcoin Wiki, Base58Check encoding: 21 bytes and the first four of their
 * double SHA-256), or -1 if it is none. The hash is asked only for a version that is wanted.
 *
 * @example
 * base58Version('1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', new Set([0])); // 0
 */
export function base58Version(text: string, wanted: ReadonlySet<number>): number {
  const bytes = decode(text);
  if (bytes === undefined || !wanted.has(bytes[0]!)) return -1;
  const hash = sha256OfBlock(sha256OfBlock(bytes.subarray(0, HASHED)));
  for (let i = 0; i < BYTES - HASHED; i++) if (hash[i] !== bytes[HASHED + i]) return -1;
  return bytes[0]!;
}

/** The 25 bytes that the text stands for: one `1` in front for each byte of zero in front, no more and no less. */
function decode(text: string): Uint8Array | undefined {
  if (text.length > LONGEST) return undefined;
  const words = new Uint32Array(WORDS);
  for (let at = 0; at < text.length; at++) {
    let carry = VALUES[text.charCodeAt(at)] ?? -1;
    if (carry < 0) return undefined;
    for (let i = WORDS - 1; i >= 0; i--) {
      const sum = words[i]! * 58 + carry;
      carry = Math.floor(sum / WORD);
      words[i] = sum;
    }
    if (carry !== 0) return undefined;
  }
  if (words[0]! > 0xff) return undefined;
  const bytes = new Uint8Array(BYTES);
  for (let i = 0; i < BYTES; i++) {
    const place = i + 4 * WORDS - BYTES;
    bytes[i] = words[place >> 2]! >>> (24 - 8 * (place & 3));
  }
  let zeros = 0;
  while (bytes[zeros] === 0) zeros++;
  let ones = 0;
  while (text.charAt(ones) === '1') ones++;
  return zeros === ones ? bytes : undefined;
}
