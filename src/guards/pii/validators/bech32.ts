const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

const BECH32 = 1;
const BECH32M = 0x2bc830a3;
const CHECKSUM = 6;
/** BIP-173: no longer. */
const LONGEST = 90;

/**
 * Whether a text is a segregated witness address (BIP-173 with its Bech32 checksum for version 0; BIP-350 with Bech32m
 * for the versions above) of one of the networks. All small or all capital letters.
 *
 * @param prefixes human-readable parts in small letters: `bc`
 */
export function isSegwitAddress(text: string, prefixes: readonly string[]): boolean {
  if (text.length > LONGEST) return false;
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return false;
  const prefix = prefixes.find((each) => lower.startsWith(each) && lower.charAt(each.length) === '1');
  if (prefix === undefined) return false;
  const first = prefix.length + 1;
  let check = expand(prefix);
  for (let at = first; at < lower.length; at++) {
    const value = ALPHABET.indexOf(lower.charAt(at));
    if (value < 0) return false;
    check = step(check, value);
  }
  const version = ALPHABET.indexOf(lower.charAt(first));
  if (check !== (version === 0 ? BECH32 : BECH32M)) return false;
  const data = lower.slice(first + 1, -CHECKSUM);
  return version <= 16 && isProgram(version, data.length, ALPHABET.indexOf(data.at(-1) ?? ''));
}

/** BIP-141: 2 to 40 bytes, 20 or 32 for version 0; BIP-173: less than five bits of padding, all zero. */
function isProgram(version: number, groups: number, last: number): boolean {
  const padding = (groups * 5) % 8;
  const bytes = (groups * 5 - padding) / 8;
  if (padding > 4 || (last & ((1 << padding) - 1)) !== 0) return false;
  return version === 0 ? bytes === 20 || bytes === 32 : bytes >= 2 && bytes <= 40;
}

function expand(prefix: string): number {
  let check = 1;
  for (let i = 0; i < prefix.length; i++) check = step(check, prefix.charCodeAt(i) >> 5);
  check = step(check, 0);
  for (let i = 0; i < prefix.length; i++) check = step(check, prefix.charCodeAt(i) & 31);
  return check;
}

/** One step of the checksum, a BCH code over five bits. */
function step(check: number, value: number): number {
  const top = check >>> 25;
  let next = ((check & 0x1ffffff) << 5) ^ value;
  for (let i = 0; i < 5; i++) if ((top >>> i) & 1) next ^= GENERATOR[i]!;
  return next;
}
