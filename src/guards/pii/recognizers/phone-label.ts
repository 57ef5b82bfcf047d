import { lazy } from '../../../lazy.ts';
import { codeAt, countDigits, isAsciiLetter, isBlank, isSeparator } from '../chars.ts';
import type { NumberEnd } from './phone-forms.ts';

/** What stands before a telephone number, in the languages that print numbers without a trunk prefix, and some more. */
const LABEL = lazy(
  () =>
    /(?:^|[^\p{L}\p{M}])(?:tel|tél|tlf|phone|telephone|téléphone|telefon|teléfono|telefono|telefone|telefoon|mobile?|móvil|movil|telemóvel|celular|fax|whatsapp|тел|телефон|моб|τηλ|κιν)[ \t.:=#"'\u00a0]{0,4}$|(?:电话|電話|手机|手機|携帯|전화|휴대폰)[ :："]{0,3}$/iu,
);
/** Characters before a number that are looked at: the longest label, and what stands between. */
const LABEL_REACH = 16;

const FEWEST = 8;
const MOST = 10;

/**
 * The end of a number without prefix that only a word before it makes a telephone number: `Tel. 612 34 56 78`. Three to
 * five groups of two to four digits, one separator; Spain, Poland, Portugal, Norway, Denmark and Mexico print them so.
 */
export function labelledEnd(text: string, at: number, run: number, floor: number): NumberEnd | undefined {
  const separator = codeAt(text, at + run);
  if (run < 2 || run > 4 || !isSeparator(separator) || !mayFollowLabel(text, at, floor)) return undefined;
  let end = at + run;
  let digits = run;
  let groups = 1;
  /** The last place where a number might end if what follows were a value of its own. */
  let best = -1;
  for (;;) {
    if (groups >= 3 && groups <= 5 && digits >= FEWEST && digits <= MOST) best = end;
    if (codeAt(text, end) !== separator || groups === 6) break;
    const group = countDigits(text, end + 1, 5);
    if (group < 2 || group > 4) break;
    end += 1 + group;
    digits += group;
    groups++;
  }
  if (best < 0 || !LABEL().test(text.slice(Math.max(floor, at - LABEL_REACH), at))) return undefined;
  return { end: best, confidence: 0.7, spoiled: best !== end };
}

/** Whether a letter stands before the number and what may be between: cheaper than the expression, and mostly false. */
function mayFollowLabel(text: string, at: number, floor: number): boolean {
  const first = Math.max(floor, at - LONGEST_GAP - 1);
  for (let last = at - 1; last >= first; last--) {
    const code = codeAt(text, last);
    if (isAsciiLetter(code) || code >= 0xc0) return true;
    if (!isBlank(code) && GAP[code] !== 1) return false;
  }
  return false;
}

const LONGEST_GAP = 4;
/** 1 for each ASCII character that may be between. */
const GAP: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) =>
  '\t.:=#"\''.includes(String.fromCharCode(code)) ? 1 : 0,
);
