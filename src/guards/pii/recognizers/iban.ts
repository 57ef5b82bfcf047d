import { lazy } from '../../../lazy.ts';
import { before, codeAt, isBlank, isDigit, isHyphen, isWordPart } from '../chars.ts';
import { addMod97 } from '../validators/mod97.ts';
import { DOCUMENTATION_CONFIDENCE } from './documentation.ts';
import { isPublishedIban } from './iban-examples.ts';
import type { Candidate, Recognizer } from './recognizer.ts';

/** International bank account number (ISO 13616), bare or in groups. */
export const iban: Recognizer = { type: 'iban', rule: 'pii/iban', initials: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', findWord };

function findWord(text: string, start: number): Candidate | undefined {
  const end = ibanEnd(text, start);
  if (end < 0) return undefined;
  const isExample = isPublishedIban(text.slice(start, end).replace(/[^0-9A-Z]/g, ''));
  return { start, end, confidence: isExample ? DOCUMENTATION_CONFIDENCE : 0.95 };
}

/**
 * Lengths by country: the 89 of the SWIFT IBAN registry, releases 99 to 103, and the 22 that use IBAN outside it. By the place
 * of a country's two letters, times 26 for the first.
 */
const LENGTHS = lazy(() =>
  lengths(
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ' +
      'ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 ' +
      'LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 ' +
      'PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30 ' +
      'AO25 BF28 BJ28 CF27 CG27 CI28 CM27 CV25 DZ26 GA27 GQ27 GW25 IR26 KM27 MA28 MG27 ML28 MZ25 NE28 SN28 TD27 TG28',
  ),
);

function lengths(registry: string): Uint8Array {
  const table = new Uint8Array(26 * 26);
  for (const entry of registry.split(' ')) {
    table[countryAt(entry, 0)] = Number(entry.slice(2));
  }
  return table;
}

/** Two capitals as a number; -1 for anything else. */
function countryAt(text: string, at: number): number {
  const first = codeAt(text, at);
  const second = codeAt(text, at + 1);
  return isCapital(first) && isCapital(second) ? (first - 0x41) * 26 + second - 0x41 : -1;
}

/** Characters of the longest IBAN with a separator after every fourth. */
const LONGEST = 42;
/** Country and check digits, which come last in the sum. */
const HEAD = 4;

/**
 * The end of the IBAN that begins at `start`, bare or in groups, in capitals, or -1. ISO 13616: country, two check
 * digits, the country's length, remainder 1 modulo 97. Looks at {@link LONGEST} characters at most.
 */
export function ibanEnd(text: string, start: number): number {
  const country = countryAt(text, start);
  const length = country < 0 ? 0 : LENGTHS()[country]!;
  if (length === 0) return -1;
  let count = 0;
  let remainder = 0;
  let bodyAt = start;
  let at = start;
  for (; count < length && at < start + LONGEST; at++) {
    const code = codeAt(text, at);
    if (isDigit(code) || isCapital(code)) {
      if (count >= 2 && count < HEAD && !isDigit(code)) return -1;
      if (count === HEAD) bodyAt = at;
      if (count >= HEAD) remainder = addMod97(remainder, code);
      count++;
    } else if (!isSeparator(code) || isSeparator(codeAt(text, at - 1))) return -1;
  }
  if (count < length || isWordPart(codeAt(text, at))) return -1;
  for (let i = start; i < bodyAt; i++) {
    const code = codeAt(text, i);
    if (!isSeparator(code)) remainder = addMod97(remainder, code);
  }
  return remainder === 1 ? at : -1;
}

/** The end of the IBAN that began before `at` and goes on there, or -1. Looks back {@link LONGEST} characters at most. */
export function ibanAround(text: string, at: number, floor: number): number {
  const first = Math.max(floor, at - LONGEST);
  for (let start = at - 1; start >= first; start--) {
    const code = codeAt(text, start);
    if (!isDigit(code) && !isCapital(code) && !isSeparator(code)) return -1;
    if (!isCapital(code) || !isDigit(codeAt(text, start + 2)) || isWordPart(before(text, start, floor))) continue;
    const end = ibanEnd(text, start);
    if (end > at) return end;
  }
  return -1;
}

function isCapital(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

function isSeparator(code: number): boolean {
  return isBlank(code) || isHyphen(code);
}
