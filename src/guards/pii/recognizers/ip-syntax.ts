import { codeAt, countDigits, isAsciiLetter, isDigit, isHex, isWordPart } from '../chars.ts';

const COLON = 0x3a;
const DOT = 0x2e;

const IPV4 = /(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}(?!\d)/y;

/** The end of four decimal octets without leading zeros, or -1. Looks at 16 characters at most. */
export function parseIpv4(text: string, at: number): number {
  // Cheaper than the expression, and false for most numbers: the second octet and the point after it.
  const second = at + countDigits(text, at, 4) + 1;
  if (codeAt(text, second - 1) !== DOT || codeAt(text, second + countDigits(text, second, 4)) !== DOT) return -1;
  IPV4.lastIndex = at;
  return IPV4.test(text) ? IPV4.lastIndex : -1;
}

const MOST_GROUPS = 8;
const LONGEST_GROUP = 4;

/**
 * The end of an IPv6 address, or, if there is none, -1 less the position up to which it was looked for. Eight groups of up to four hex digits, one run of zero groups as `::`, the last
 * two groups perhaps as IPv4. Looks at some 60 characters at most. What C++, Ruby and Rust write with colons, and
 * EUI-64, is left out.
 */
export function parseIpv6(text: string, start: number): number {
  let at = start;
  let groups = 0;
  let gap = -1;
  let shape = 0;
  if (codeAt(text, at) === COLON && codeAt(text, at + 1) === COLON) {
    gap = 0;
    at += 2;
  }
  while (groups < MOST_GROUPS) {
    let end = at;
    let decimal = 0;
    let code = codeAt(text, end);
    while (end - at <= LONGEST_GROUP && isHex(code)) {
      if (isDigit(code)) decimal = DECIMAL;
      end++;
      code = codeAt(text, end);
    }
    if (end === at || end - at > LONGEST_GROUP) break;
    if (code === DOT && groups <= 6) {
      const address = parseIpv4(text, at);
      if (address >= 0) {
        groups += 2;
        at = address;
        shape |= NOT_PAIR | DECIMAL;
        break;
      }
    }
    shape |= decimal | (end - at === 2 ? 0 : NOT_PAIR);
    groups++;
    at = end;
    if (code !== COLON) break;
    const next = codeAt(text, at + 1);
    if (next === COLON) {
      if (gap >= 0) break;
      gap = groups;
      at += 2;
    } else if (groups < MOST_GROUPS && isHex(next)) {
      at++;
    } else {
      break;
    }
  }
  const isWhole = gap >= 0 ? groups >= 1 && groups < MOST_GROUPS : groups === MOST_GROUPS;
  return isWhole && isPlausible(text, start, groups, gap, shape) ? at : -1 - at;
}

const NOT_PAIR = 1;
const DECIMAL = 2;

/**
 * `A::B1` and `add::abc` are names, `0::2` and `::2` are slices, `00:11:22:33:44:55:66:77` is an EUI-64. The loopback
 * address `::1` is told from a slice by nothing, and is an address.
 */
function isPlausible(text: string, start: number, groups: number, gap: number, shape: number): boolean {
  if (gap < 0) return (shape & NOT_PAIR) !== 0;
  if (groups > 3) return true;
  if ((shape & DECIMAL) === 0) return false;
  if (groups === 3) return true;
  const at = gap === 0 ? start + 2 : start;
  const first = countHex(text, at);
  if (first === 4) return true;
  if (groups === 1) return gap === 0 && first === 1 && codeAt(text, at) === 0x31;
  return first === 3 && !isAsciiLetter(codeAt(text, at));
}

/** Hex digits from `at`, counted up to five. */
function countHex(text: string, at: number): number {
  let count = 0;
  while (count < 5 && isHex(codeAt(text, at + count))) count++;
  return count;
}

const LONGEST_ZONE = 32;

/** The end of an address with its zone and prefix length, where they follow: `fe80::1%eth0`, `10.0.0.0/8`. */
export function suffixEnd(text: string, address: number, longestPrefix: number): number {
  let end = longestPrefix > 32 ? zoneEnd(text, address) : address;
  if (codeAt(text, end) !== 0x2f) return end;
  const digits = countDigits(text, end + 1, 4);
  if (digits === 0 || digits > 3 || isWordPart(codeAt(text, end + 1 + digits))) return end;
  const prefix = text.slice(end + 1, end + 1 + digits);
  if (Number(prefix) <= longestPrefix && (digits === 1 || !prefix.startsWith('0'))) end += 1 + digits;
  return end;
}

function zoneEnd(text: string, address: number): number {
  if (codeAt(text, address) !== 0x25) return address;
  let end = address + 1;
  while (end - address <= LONGEST_ZONE && isZonePart(codeAt(text, end))) end++;
  while (end > address + 1 && !isWordPart(codeAt(text, end - 1))) end--;
  return end === address + 1 ? address : end;
}

function isZonePart(code: number): boolean {
  return isWordPart(code) || code === DOT || code === 0x2d || code === 0x7e;
}
