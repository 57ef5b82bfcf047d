import { before, codeAt, isDigit, isHex, isHyphen, isWordPart } from '../chars.ts';
import type { Candidate, Recognizer } from './recognizer.ts';

/**
 * MAC address of one device (IEEE 802-2014 section 8, EUI-48): six pairs of hexadecimal digits with colons or hyphens,
 * three groups of four with dots, or, near a word that says so, twelve digits bare. Addresses of groups, the lowest bit
 * of the first octet set, and all zeros are nobody's. A row that goes on, an EUI-64 or an IPv6 address, is none.
 */
export const macAddress: Recognizer = {
  type: 'mac_address',
  rule: 'pii/mac-address',
  anchors: '0:',
  find,
  initials: '0123456789abcdefABCDEF',
  findWord,
  threshold: 0.5,
  context: {
    words: [
      'mac',
      'mac address',
      'macaddr',
      'mac addr',
      'mac-adresse',
      'hwaddr',
      'hardware address',
      'physical address',
      'physikalische adresse',
      'adresse mac',
      'dirección mac',
      'indirizzo mac',
      'endereço mac',
      'lladdr',
      'bssid',
      'wlan',
      'wifi',
      'wi-fi',
      'bluetooth',
      'ethernet',
      'ether',
      'nic',
    ],
    confidence: 0.95,
  },
};

const COLON = 0x3a;
const DOT = 0x2e;

/** With colons an address may be without a digit, or its digits stand in pairs that open no number: the colon shows it. */
function find(text: string, at: number, floor: number): Candidate | undefined {
  if (codeAt(text, at) !== COLON) return findWord(text, at, at + 4, floor);
  if (at - 2 < floor || !isHex(codeAt(text, at - 1)) || !isHex(codeAt(text, at - 2))) return undefined;
  return row(text, at - 2, 2, COLON, floor);
}

/** The first group with a digit; those before it hold letters only. It may be the last. */
function findWord(text: string, start: number, end: number, floor: number): Candidate | undefined {
  if (end - start === 12) return bare(text, start);
  const length = groupLength(text, start);
  const after = codeAt(text, start + length);
  const separator = separates(after, length) ? after : before(text, start, floor);
  if (!separates(separator, length)) return undefined;
  return row(text, leftmost(text, start, length, separator, floor), length, separator, floor);
}

function separates(code: number, length: number): boolean {
  return length === 4 ? code === DOT : length === 2 && isHyphen(code);
}

function groupLength(text: string, start: number): number {
  let length = 0;
  while (length < 5 && isHex(codeAt(text, start + length))) length++;
  return length;
}

/** Where the groups of letters before `at` begin, five at most: if there are more, it is no address. */
function leftmost(text: string, at: number, length: number, separator: number, floor: number): number {
  let start = at;
  for (let group = 0; group < 5; group++) {
    const previous = start - length - 1;
    if (previous < floor || codeAt(text, start - 1) !== separator) break;
    for (let i = previous; i < start - 1; i++) if (isDigit(codeAt(text, i)) || !isHex(codeAt(text, i))) return start;
    start = previous;
  }
  return start;
}

function row(text: string, start: number, length: number, separator: number, floor: number): Candidate | undefined {
  if (!opensRow(text, start, separator, floor)) return undefined;
  let letters = 0;
  let end = start;
  for (let digits = 0; digits < 12; end++) {
    const code = codeAt(text, end);
    if ((end - start) % (length + 1) === length) {
      if (code !== separator) return undefined;
      continue;
    }
    if (!isHex(code)) return undefined;
    if (!isDigit(code)) letters++;
    digits++;
  }
  if (!isOneDevice(text, start, end)) return undefined;
  // `05-12-23-34-40-49` may be any six numbers.
  const confidence = separator === COLON ? 0.8 : letters > 0 ? 0.7 : 0.3;
  return { start, end, confidence, spoiled: !closesRow(text, end) };
}

/** After `addr:` a row may begin; after a hexadecimal group or another colon it is already under way. */
function opensRow(text: string, start: number, separator: number, floor: number): boolean {
  const last = before(text, start, floor);
  if (isWordPart(last)) return false;
  const previous = before(text, start - 1, floor);
  if (last !== COLON)
    return last !== separator && (!isHyphen(last) || !isWordPart(previous)) && !(last === DOT && isDigit(previous));
  if (previous === COLON) return false;
  for (let back = 1; back <= 5; back++) {
    const code = before(text, start - back, floor);
    if (!isHex(code)) return isWordPart(code) || back === 1;
  }
  return true;
}

function closesRow(text: string, end: number): boolean {
  const next = codeAt(text, end);
  if (isWordPart(next)) return false;
  if (next !== COLON && next !== DOT && !isHyphen(next)) return true;
  const following = codeAt(text, end + 1);
  return !isWordPart(following) && following !== COLON;
}

function isOneDevice(text: string, start: number, end: number): boolean {
  if (Number.parseInt(text.charAt(start + 1), 16) % 2 === 1) return false;
  for (let at = start; at < end; at++) {
    const code = codeAt(text, at);
    if (isHex(code) && code !== 0x30) return true;
  }
  return false;
}

function bare(text: string, start: number): Candidate | undefined {
  for (let at = start; at < start + 12; at++) if (!isHex(codeAt(text, at))) return undefined;
  return isOneDevice(text, start, start + 12) ? { start, end: start + 12, confidence: 0.1 } : undefined;
}
