import {
  classOf,
  codeAt,
  HYPHEN,
  isDigit,
  isWordPart,
  NEUTRAL,
  opensNumber,
  separatorOf,
  WORD,
  wordEnd,
} from './chars.ts';
import { type Plan, type Planned, placeOfRun } from './plan.ts';
import { LONGEST_RUN } from './recognizers/recognizer.ts';

/** What stands at an anchor. One object for a whole pass, written anew at each: this runs for every number of a text. */
export interface Spot {
  /** Position of the anchor, or where the search ended. */
  at: number;
  /** Where to go on if nothing is found. */
  end: number;
  /** Whom to ask about the anchor. */
  asked: readonly Planned[];
  /** Digits in a row at the anchor, counted up to {@link LONGEST_RUN}; 0 if it is none. */
  run: number;
  /** Where a word begins that recognizers of words want to see, or -1. */
  word: number;
}

export function newSpot(): Spot {
  return { at: 0, end: 0, asked: [], run: 0, word: -1 };
}

/** Longest word that recognizers are asked about, in characters. */
export const LONGEST_WORD = 4_096;

/** Characters that are looked at one by one before the search is left to the regular expression engine. */
const NEAR = 16;

/**
 * Finds the next anchor from `from` on, before `limit`, that any recognizer is to be asked about. Most are settled here:
 * by the characters beside them, or by how many digits stand in a row and what follows these.
 */
export function seek(text: string, from: number, limit: number, floor: number, plan: Plan, spot: Spot): boolean {
  const { isAnchor, preceded, followed, byRun, hasWords } = plan;
  // No digits in a row: nobody waits for them.
  const nobody = byRun[0]!;
  // In whole numbers: a limit may be infinite.
  const length = text.length < limit ? text.length : limit | 0;
  let at = from;
  let far = at + NEAR;
  while (at < length) {
    const code = codeAt(text, at);
    if (code >= 128 || isAnchor[code] === 0) {
      at++;
      if (at < far) continue;
      plan.anchor.lastIndex = at;
      at = plan.anchor.test(text) ? plan.anchor.lastIndex - 1 : length;
      far = at + NEAR;
      continue;
    }
    far = at + NEAR;
    if (!isDigit(code)) {
      const last = codeAt(text, at - 1);
      const next = codeAt(text, at + 1);
      if ((last < 128 && preceded[code * 128 + last] === 0) || (next < 128 && followed[code * 128 + next] === 0)) {
        at++;
        continue;
      }
      spot.at = at;
      spot.end = at + 1;
      spot.asked = plan.byChar[code]!;
      spot.run = 0;
      spot.word = -1;
      return true;
    }
    const last = at > floor ? classOf(text.charCodeAt(at - 1)) : NEUTRAL;
    if ((last & WORD) !== 0) {
      // A digit inside a word.
      const end = wordEnd(text, at + 1);
      const start = hasWords ? wordStart(text, at, floor) : -1;
      if (start < 0 || end - start > LONGEST_WORD) {
        at = end;
        continue;
      }
      spot.at = at;
      spot.end = end;
      spot.asked = nobody;
      spot.run = 0;
      spot.word = start;
      return true;
    }
    let end = at + 1;
    while (end < text.length && isDigit(text.charCodeAt(end))) end++;
    const run = end - at < LONGEST_RUN ? end - at : LONGEST_RUN;
    const next = end < text.length ? classOf(text.charCodeAt(end)) : NEUTRAL;
    let asked = byRun[placeOfRun(run, separatorOf(next))]!;
    if (asked.length > 0 && (last & NEUTRAL) === 0 && !opensNumber(text, at, floor)) asked = nobody;
    let word = -1;
    if (hasWords) {
      if ((next & WORD) !== 0) {
        // `12345678Z`: a word that begins with digits.
        end = wordEnd(text, end);
        if (end - at <= LONGEST_WORD) word = at;
      } else if ((last & HYPHEN) !== 0 && at - 1 > floor && isLetterPart(text.charCodeAt(at - 2))) {
        // The digits of `name-1234-…` may belong to what came before; of `a1-1234`, that was asked about.
        word = at;
      }
    }
    if (asked.length === 0 && word < 0) {
      at = end;
      continue;
    }
    spot.at = at;
    spot.end = end;
    spot.asked = asked;
    spot.run = run;
    spot.word = word;
    return true;
  }
  spot.at = at;
  return false;
}

/** Where the word begins that the digit at `at` is inside of; -1 if that is too far back. */
function wordStart(text: string, at: number, floor: number): number {
  const first = Math.max(floor, at - LONGEST_WORD);
  let start = at - 1;
  while (start > first && isWordPart(codeAt(text, start - 1))) start--;
  return start;
}

function isLetterPart(code: number): boolean {
  return isWordPart(code) && !isDigit(code);
}
