import { type Anchors, DIGIT_ANCHOR, NO_ANCHOR } from './anchors.ts';
import {
  classOf,
  HYPHEN,
  isDigit,
  NEUTRAL,
  opensNumber,
  separatorOf,
  WORD,
  wordEnd as wordEndInText,
} from './chars.ts';
import { CODE_CLASSES, type Codes, type CodeView, show } from './codes.ts';
import { FEWEST_BARE_DIGITS, IN_ROW, LEADING_ZERO } from './number-plan.ts';
import type { Plan, Planned } from './plan.ts';
import { quietEnd } from './quiet.ts';
import { LONGEST_RUN, LONGEST_SECOND, LONGEST_WORD } from './recognizers/recognizer.ts';

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
  /** How many more anchors are looked for without the automaton, which could pass nothing before. */
  loud: number;
}

export function newSpot(): Spot {
  return { at: 0, end: 0, asked: [], run: 0, word: -1, loud: 0 };
}

/**
 * Finds the next anchor from `from` on, before `limit`, that any recognizer is to be asked about. Most are settled here:
 * by the characters beside them, or by how many digits stand in a row and what follows these.
 *
 * @param view of the text; moved on where the search comes to its end
 */
export function seek(
  text: string,
  view: CodeView,
  from: number,
  limit: number,
  floor: number,
  plan: Plan,
  spot: Spot,
): boolean {
  // In whole numbers: a limit may be infinite.
  const last = text.length < limit ? text.length : limit | 0;
  spot.at = from;
  for (;;) {
    if (seekInView(text, view, spot.at, last, floor, plan, spot)) return true;
    if (spot.at >= last || view.end === text.length) return false;
    show(view, text, spot.at);
  }
}

/** Characters that are looked at one by one before they are left to the automaton again. */
const NEAR = 32;

/** Anchors that are looked for without the automaton where it has passed nothing: numbers in groups come in rows. */
const LOUD = 2;

/** Characters before the end of a view that are left to the next: more than anything here looks ahead. */
const AHEAD = 2 * LONGEST_WORD;

/** The same, up to where the view has to move on. Works with places in the view, all of them whole numbers. */
function seekInView(
  text: string,
  view: CodeView,
  from: number,
  last: number,
  floorInText: number,
  plan: Plan,
  spot: Spot,
): boolean {
  const { byShape, hasWords } = plan;
  const { kinds, preceded, followed, followedApart } = plan.anchors;
  const quiet = plan.quiet();
  const { nobody } = byShape;
  const { bytes: codes, base } = view;
  const whole = view.end - base;
  const isEnd = view.end === text.length;
  const known = isEnd ? whole : whole - AHEAD;
  const length = last - base < known ? last - base : known;
  const floor = floorInText - base;
  let at = from - base;
  /** Digits at `at`, where the group before has told that there are some; else 0. */
  let group = 0;
  while (at < length) {
    if (group === 0) {
      if (kinds[codes[at]!] === NO_ANCHOR) {
        if (spot.loud > 0) spot.loud--;
        else {
          const quietTo = quietEnd(quiet, codes, at, floor, length);
          if (quietTo === at) spot.loud = LOUD;
          at = quietTo;
        }
      }
      const near = at + NEAR < length ? at + NEAR : length;
      while (at < near && kinds[codes[at]!] === NO_ANCHOR) at++;
      if (at === near) {
        spot.loud = 0;
        continue;
      }
    }
    const code = codes[at]!;
    const kind = kinds[code];
    if (kind !== DIGIT_ANCHOR) {
      const after = at > floor && isWordCode(codes[at - 1]!) ? followed : followedApart;
      const goesOn = at + 1 === whole || after[code * 256 + codes[at + 1]!] === 1;
      if (!goesOn || (at > 0 && preceded[code * 256 + codes[at - 1]!] === 0)) {
        at++;
        continue;
      }
      const glance = plan.glances[code];
      if (glance !== undefined && !glance(codes, at, floor, whole)) {
        at++;
        continue;
      }
      spot.at = at + base;
      spot.end = at + base + 1;
      spot.asked = plan.byChar[code]!;
      spot.run = 0;
      spot.word = -1;
      return true;
    }
    const before = at > floor ? CODE_CLASSES[codes[at - 1]!]! : NEUTRAL;
    if ((before & WORD) !== 0) {
      // A digit inside a word.
      const end = wordEnd(text, view, at + 1);
      const start = hasWords ? wordStart(codes, at, floor) : -1;
      if (!hasWords || end - start > LONGEST_WORD) {
        at = end;
        continue;
      }
      spot.at = at + base;
      spot.end = end + base;
      spot.asked = nobody;
      spot.run = 0;
      spot.word = start + base;
      return true;
    }
    let end = group === 0 ? at + 1 : at + group;
    group = 0;
    const most = at + LONGEST_RUN < whole ? at + LONGEST_RUN : whole;
    while (end < most && isDigit(codes[end]!)) end++;
    if (end === most && end < whole) end = digitsEnd(text, end + base) - base;
    const run = end - at < LONGEST_RUN ? end - at : LONGEST_RUN;
    const next = end < whole ? CODE_CLASSES[codes[end]!]! : classAfter(text, end + base);
    const separator = separatorOf(next);
    if (separator === 0 && run < FEWEST_BARE_DIGITS && ((next & WORD) | (before & HYPHEN)) === 0) {
      // A short number that goes on with nothing, as most do.
      at = end;
      continue;
    }
    const second = separator === 0 ? 0 : digitsAt(codes, end + 1, whole);
    const isInRow = separatorOf(before) !== 0 && at - 1 > floor && isDigit(codes[at - 2]!);
    let asked = byShape.askedAbout(run, separator, second, (code === ZERO ? LEADING_ZERO : 0) | (isInRow ? IN_ROW : 0));
    if (asked.length > 0 && (before & NEUTRAL) === 0 && !opensNumber(text, at + base, floorInText)) asked = nobody;
    let word = -1;
    if (hasWords) {
      if ((next & WORD) !== 0) {
        // `12345678Z`: a word that begins with digits.
        end = wordEnd(text, view, end);
        if (end - at <= LONGEST_WORD) word = at + base;
      } else if ((before & HYPHEN) !== 0 && at - 1 > floor && isLetterPart(codes[at - 2]!)) {
        // The digits of `name-1234-…` may belong to what came before; of `a1-1234`, that was asked about.
        word = at + base;
      }
    }
    if (asked.length === 0 && word < 0) {
      if (second === 0) at = end;
      else if (next === POINT) at = decimalsEnd(codes, end, second, whole);
      else if (end + 1 < length && isPassed(plan.anchors, codes, end)) {
        at = end + 1;
        group = second;
      } else at = end;
      continue;
    }
    spot.at = at + base;
    spot.end = end + base;
    spot.asked = asked;
    spot.run = run;
    spot.word = word;
    return true;
  }
  spot.at = at + base;
  return false;
}

/** Whether nobody waits for the character at `at`, given the one that follows it. */
function isPassed({ kinds, followed, followedApart }: Anchors, codes: Codes, at: number): boolean {
  const code = codes[at]!;
  const pair = code * 256 + codes[at + 1]!;
  return kinds[code] === NO_ANCHOR || (followed[pair] === 0 && followedApart[pair] === 0);
}

const ZERO = 0x30;
const POINT = classOf(0x2e);

/**
 * The end of the digits behind a point that stands at `point`, which open no number; or `point`, where they begin a word
 * or go on past the view.
 */
function decimalsEnd(codes: Codes, point: number, counted: number, whole: number): number {
  let end = point + 1 + counted;
  while (end < whole && isDigit(codes[end]!)) end++;
  return end < whole && !isWordCode(codes[end]!) ? end : point;
}

const DIGITS = /\d*/y;

/** First position in the text from `at` that holds no digit; a long run is left to the regular expression engine. */
function digitsEnd(text: string, at: number): number {
  DIGITS.lastIndex = at;
  DIGITS.test(text);
  return DIGITS.lastIndex;
}

/** What stands behind a run of digits that goes on past the view. */
function classAfter(text: string, at: number): number {
  return at < text.length ? classOf(text.charCodeAt(at)) : NEUTRAL;
}

/** How many digits stand from `at` on, counted up to {@link LONGEST_SECOND}. */
function digitsAt(codes: Codes, at: number, whole: number): number {
  const most = at + LONGEST_SECOND < whole ? at + LONGEST_SECOND : whole;
  let end = at;
  while (end < most && isDigit(codes[end]!)) end++;
  return end > at ? end - at : 0;
}

/** First position from `at` that is no part of a word, in the view or, where the word goes on past it, behind it. */
function wordEnd(text: string, { bytes, base, end: shown }: CodeView, at: number): number {
  const whole = shown - base;
  let end = at;
  // Hashes are long: four at once, while all of them are.
  while (end + 3 < whole) {
    const first = CODE_CLASSES[bytes[end]!]! & CODE_CLASSES[bytes[end + 1]!]!;
    if ((first & CODE_CLASSES[bytes[end + 2]!]! & CODE_CLASSES[bytes[end + 3]!]! & WORD) === 0) break;
    end += 4;
  }
  while (end < whole && isWordCode(bytes[end]!)) end++;
  return end < whole || shown === text.length ? end : wordEndInText(text, end + base) - base;
}

/** Where the word begins that the digit at `at` is inside of; where that is too far back, some character of it. */
function wordStart(codes: Codes, at: number, floor: number): number {
  const first = Math.max(floor, at - LONGEST_WORD);
  let start = at - 1;
  while (start > first && isWordCode(codes[start - 1]!)) start--;
  return start;
}

function isWordCode(code: number): boolean {
  return (CODE_CLASSES[code]! & WORD) !== 0;
}

function isLetterPart(code: number): boolean {
  return isWordCode(code) && !isDigit(code);
}
