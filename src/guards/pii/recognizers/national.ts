import { codeAt, isAsciiLetter, isBlank, isDigit, isHyphen, opensNumber } from '../chars.ts';
import type { PiiType } from '../types.ts';
import { numberCandidate } from './number.ts';
import type { Candidate, Context, Recognizer } from './recognizer.ts';

export interface NationalForm {
  /**
   * What stands where: `d` a digit, `A` a capital, `W` a capital or digit, ` ` a blank, `-` a hyphen or dash, anything
   * else itself. It must hold a `d` or a `W`. Six bare digits or fewer count only where a separator follows.
   */
  readonly pattern: string;
  /** Confidence without a word near that speaks for it. */
  readonly confidence: number;
}

export interface NationalOptions {
  readonly type: PiiType;
  /** Tried in this order: the longest first. */
  readonly forms: readonly NationalForm[];
  /** Check digits and structure. Gets letters and digits, in capitals, without separators. */
  readonly isValid: (compact: string) => boolean;
  readonly context: Context;
  /** Confidence from which a value counts. Default {@link NATIONAL_THRESHOLD}. */
  readonly threshold?: number;
  /** Whether small letters count as capitals, at half the confidence. Default false. */
  readonly anyCase?: boolean;
}

/** A form with a check digit counts alone if it is printed as usual; weaker ones need a word near them. */
export const NATIONAL_THRESHOLD = 0.5;

/** Makes a recognizer of a number of fixed form with a check digit or a structure. It looks at the length of its forms. */
export function nationalNumber(options: NationalOptions): Recognizer {
  const { type, isValid, context, threshold = NATIONAL_THRESHOLD, anyCase = false } = options;
  const forms = options.forms.map(parseForm);
  const byLead: Form[][] = Array.from({ length: Math.max(...forms.map(({ lead }) => lead)) + 1 }, () => []);
  for (const form of forms) byLead[form.lead]!.push(form);

  function find(text: string, at: number, floor: number, _back: number, run: number): Candidate | undefined {
    return best(text, at, run, floor);
  }

  function findWord(text: string, start: number, end: number, floor: number): Candidate | undefined {
    return best(text, start, end - start, floor);
  }

  /** The first form that fits around the group at `at`, of `length` characters, unless what follows speaks against it. */
  function best(text: string, at: number, length: number, floor: number): Candidate | undefined {
    const fitting = byLead[length];
    if (fitting === undefined) return undefined;
    let doubtful: Candidate | undefined;
    for (const form of fitting) {
      const start = at - form.shift;
      if (start < floor || !fits(text, start, form.codes, anyCase)) continue;
      const candidate = check(text, start, form, floor);
      if (candidate !== undefined && !candidate.spoiled) return candidate;
      doubtful ??= candidate;
    }
    return doubtful;
  }

  function check(text: string, start: number, form: Form, floor: number): Candidate | undefined {
    if (!opensNumber(text, start, floor)) return undefined;
    const end = start + form.codes.length;
    const raw = text.slice(start, end).replaceAll(/[^A-Za-z\d]/g, '');
    const compact = anyCase ? raw.toUpperCase() : raw;
    if (!isValid(compact)) return undefined;
    return numberCandidate(text, start, end, compact === raw ? form.confidence : form.confidence / 2, floor);
  }

  const runs = [...new Set(forms.filter(({ isNumber }) => isNumber).map(({ lead }) => lead))];
  const letters = anyCase ? CAPITALS + CAPITALS.toLowerCase() : CAPITALS;
  const initials =
    (forms.some(({ isWord, initial }) => isWord && initial !== 'd') ? letters : '') +
    // Digits after letters and a hyphen are shown as a word.
    (forms.some(({ isWord, initial, shift }) => (isWord && initial !== 'A') || shift > 0) ? '0' : '');
  return {
    type,
    rule: `pii/${type.replaceAll('_', '-')}`,
    ...(runs.length > 0 ? { anchors: '0', runs, find } : {}),
    ...(initials === '' ? {} : { initials, findWord }),
    context,
    threshold,
  };
}

const CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

interface Form {
  /** The pattern, a number for each character: quicker to compare with. */
  readonly codes: readonly number[];
  readonly confidence: number;
  /** Where the first group that may hold a digit begins: it is found there. */
  readonly shift: number;
  /** Length of that group. */
  readonly lead: number;
  /** What it begins with: `d`, `A` or `W`. */
  readonly initial: string;
  /** Whether it may be all digits. */
  readonly isNumber: boolean;
  /** Whether it may hold a letter. */
  readonly isWord: boolean;
}

function parseForm({ pattern, confidence }: NationalForm): Form {
  const match = /(?<![dAW])[dAW]*[dW][dAW]*/.exec(pattern);
  if (match === null) throw new TypeError(`no digit in the form ${JSON.stringify(pattern)}`);
  const [group] = match;
  return {
    codes: [...pattern].map((char) => char.charCodeAt(0)),
    confidence,
    shift: match.index,
    lead: group.length,
    initial: group.charAt(0),
    isNumber: !group.includes('A'),
    isWord: /[AW]/.test(group),
  };
}

/** Whether the text at `start` is as the pattern says. */
function fits(text: string, start: number, codes: readonly number[], anyCase: boolean): boolean {
  for (let i = 0; i < codes.length; i++) if (!fitsOne(codeAt(text, start + i), codes[i]!, anyCase)) return false;
  return true;
}

function fitsOne(code: number, wanted: number, anyCase: boolean): boolean {
  if (wanted === DIGIT) return isDigit(code);
  if (wanted === EITHER) return isDigit(code) || isLetter(code, anyCase);
  if (wanted === LETTER) return isLetter(code, anyCase);
  if (wanted === 0x20) return isBlank(code);
  return wanted === 0x2d ? isHyphen(code) : code === wanted;
}

/** `d`, `W` and `A` in a pattern. */
const DIGIT = 0x64;
const EITHER = 0x57;
const LETTER = 0x41;

function isLetter(code: number, anyCase: boolean): boolean {
  return anyCase ? isAsciiLetter(code) : code >= 0x41 && code <= 0x5a;
}
