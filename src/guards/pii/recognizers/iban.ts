import { before, isBlank, isDigit, isWordPart } from '../chars.ts';
import { mod97 } from '../validators/mod97.ts';
import { DOCUMENTATION_CONFIDENCE } from './documentation.ts';
import { isRegistryExample } from './iban-examples.ts';
import type { Candidate, Recognizer } from './recognizer.ts';

/** International bank account number (ISO 13616), bare or in groups. */
export const iban: Recognizer = { type: 'iban', rule: 'pii/iban', initials: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', findWord };

function findWord(text: string, start: number): Candidate | undefined {
  const end = ibanEnd(text, start);
  if (end < 0) return undefined;
  const isExample = isRegistryExample(text.slice(start, end).replace(/[^0-9A-Z]/g, ''));
  return { start, end, confidence: isExample ? DOCUMENTATION_CONFIDENCE : 0.95 };
}

/** Lengths by country, from the SWIFT IBAN registry, release 99. */
const LENGTHS: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ' +
    'ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 ' +
    'LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 ' +
    'PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))] as const),
);

/** Characters of the longest IBAN with a separator after every fourth. */
const LONGEST = 42;

/**
 * The end of the IBAN that begins at `start`, bare or in groups, in capitals, or -1. ISO 13616: country, its length,
 * remainder 1 modulo 97. Looks at {@link LONGEST} characters at most.
 */
export function ibanEnd(text: string, start: number): number {
  const length = LENGTHS.get(text.slice(start, start + 2));
  if (length === undefined) return -1;
  let value = '';
  let at = start;
  for (; value.length < length && at < start + LONGEST; at++) {
    const code = text.charCodeAt(at);
    if (isDigit(code) || isCapital(code)) value += text.charAt(at);
    else if (!isSeparator(code) || isSeparator(text.charCodeAt(at - 1))) return -1;
  }
  if (value.length < length || isWordPart(text.charCodeAt(at))) return -1;
  return mod97(value.slice(4) + value.slice(0, 4)) === 1 ? at : -1;
}

/** The end of the IBAN that began before `at` and goes on there, or -1. Looks back {@link LONGEST} characters at most. */
export function ibanAround(text: string, at: number, floor: number): number {
  const first = Math.max(floor, at - LONGEST);
  for (let start = at - 1; start >= first; start--) {
    const code = text.charCodeAt(start);
    if (!isDigit(code) && !isCapital(code) && !isSeparator(code)) return -1;
    if (!isCapital(code) || !isDigit(text.charCodeAt(start + 2)) || isWordPart(before(text, start, floor))) continue;
    const end = ibanEnd(text, start);
    if (end > at) return end;
  }
  return -1;
}

function isCapital(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

function isSeparator(code: number): boolean {
  return isBlank(code) || code === 0x2d;
}
