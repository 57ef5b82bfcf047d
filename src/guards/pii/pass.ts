import { countDigits, digitsEnd, isDigit, isGroupEnd, isHyphen, isWordPart, opensNumber, wordEnd } from './chars.ts';
import { LONGEST_RUN, type Plan, type Planned } from './plan.ts';
import type { Candidate } from './recognizers/recognizer.ts';
import type { ScanFinding } from './types.ts';

/**
 * Finds everything the plan knows. Sorted, without overlaps.
 *
 * @param key gives the words of the JSON key that the text is the value of; asked for only where they matter
 */
export function scanText(text: string, plan: Plan, key?: KeyWords): ScanFinding[] {
  const found: Found = { list: [], ranks: [], doubts: [] };
  pass({ text, plan, key, found }, startAt(0, 0), Number.POSITIVE_INFINITY, DEEPEST);
  return found.list;
}

export type KeyWords = () => string | undefined;

/** What was found so far, and what it takes to undo the last of it. */
export interface Found {
  readonly list: ScanFinding[];
  /** For each finding, how specific its type is. */
  readonly ranks: number[];
  /** For each finding, the spoiled candidates before it: if it goes, they may matter to what takes its place. */
  readonly doubts: (readonly Candidate[])[];
}

export interface Scan {
  readonly text: string;
  readonly plan: Plan;
  readonly key: KeyWords | undefined;
  readonly found: Found;
}

/** Where a pass is. */
export interface State {
  /** Where to go on. */
  at: number;
  /** End of the last value found. */
  floor: number;
  /** What is before belongs to a value found before this pass. */
  edge: number;
  /** End of the last value that reaches back; the next one cannot begin before it. */
  back: number;
  /** Spoiled candidates since the last value. */
  spoiled: Candidate[];
}

export function startAt(at: number, edge: number): State {
  return { at, floor: edge, edge, back: edge, spoiled: [] };
}

/** Characters that are looked at one by one before the search is left to the regular expression engine. */
const NEAR = 16;

/** The position of the next anchor from `from` on, or -1. */
function nextAnchor(text: string, from: number, { anchor, isAnchor }: Plan): number {
  const near = Math.min(from + NEAR, text.length);
  for (let at = from; at < near; at++) {
    const code = text.charCodeAt(at);
    if (code < 128 && isAnchor[code] === 1) return at;
  }
  if (near === text.length) return -1;
  anchor.lastIndex = near;
  return anchor.test(text) ? anchor.lastIndex - 1 : -1;
}

/** How often a stretch of text may be looked at again because its surroundings turned out to be values. */
export const DEEPEST = 6;

/** The best candidate so far at one place. */
interface Choice {
  candidate: Candidate | undefined;
  planned: Planned | undefined;
  confidence: number;
}

/**
 * Goes on with a pass, up to the end of the text or the first anchor at `limit` or after it. What is before `state.edge`
 * belongs to a value already found, and a value is an edge, just as its label will be: redacted text therefore holds
 * nothing that the text did not.
 */
export function pass(scan: Scan, state: State, limit: number, again: number): void {
  const { text, plan, found } = scan;
  const choice: Choice = { candidate: undefined, planned: undefined, confidence: 0 };
  let { at, floor, back, spoiled } = state;

  for (;;) {
    at = nextAnchor(text, at, plan);
    if (at < 0 || at >= limit) break;
    const code = text.charCodeAt(at);
    clear(choice);
    /** Where to go on if nothing is found. */
    let next = at + 1;
    let asksAnchor = true;
    /** Which recognizers are asked, by the digits that stand in a row. */
    let run = -1;
    if (isDigit(code)) {
      const word = wordAround(text, at, floor, plan.hasWords);
      next = word.end;
      asksAnchor = word.isNumber;
      run = 1 << word.run;
      if (word.start >= 0) askWord(scan, word.start, word.end, floor, spoiled, choice);
    }
    if (asksAnchor) {
      const asked = plan.byChar[code]!;
      for (let i = 0; i < asked.length; i++) {
        if ((asked[i]!.runs & run) === 0) continue;
        const candidate = look(text, at, floor, back, asked[i]!, found);
        if (candidate !== undefined) consider(scan, candidate, asked[i]!, floor, spoiled, choice);
      }
    }

    const { candidate: best, planned: winner, confidence } = choice;
    if (best === undefined || winner === undefined) {
      at = next;
      continue;
    }

    let since = earliestSpoiled(spoiled, best.start);
    while (floor > best.start) {
      // Overlapped by a longer value: gone, and what it leaves uncovered is looked at again.
      since = Math.min(since, found.list.pop()!.start, earliestSpoiled(found.doubts.pop()!, best.start));
      found.ranks.pop();
      floor = Math.max(state.edge, found.list.at(-1)?.end ?? state.edge);
    }
    since = Math.max(since, floor, best.start - FARTHEST_BACK);
    if (since < best.start && again > 0) {
      pass({ ...scan, text: text.slice(0, best.start) }, startAt(since, floor), limit, again - 1);
    }
    const { start, end } = best;
    const { type, rule, reachesBack } = winner.recognizer;
    found.list.push({ type, rule, start, end, confidence });
    found.ranks.push(winner.rank);
    found.doubts.push(spoiled);
    if (spoiled.length > 0) spoiled = [];
    at = end;
    floor = end;
    if (reachesBack) back = end;
  }
  state.at = at < 0 ? text.length : at;
  state.floor = floor;
  state.back = back;
  state.spoiled = spoiled;
}

/**
 * How far before an anchor, in characters, anything that is found there can change what was found: values reach back some
 * hundred, and what is looked at again begins here at the earliest.
 */
export const FARTHEST_BACK = 4_096;
/** Longest word that recognizers are asked about, in characters. */
export const LONGEST_WORD = 4_096;

/** No value has fewer digits in a row unless a separator follows them. */
const FEWEST_BARE_DIGITS = 7;

interface Word {
  /** Where a word begins that recognizers of words want to see, or -1. */
  readonly start: number;
  /** Where to go on if nothing is found. */
  readonly end: number;
  /** Whether a number may begin at the digit. */
  readonly isNumber: boolean;
  /** Digits in a row, counted up to {@link LONGEST_RUN}. */
  readonly run: number;
}

const NUMBER = { start: -1, end: 0, isNumber: true, run: 0 };

/** What the digit at `at` is part of. The result is one object, written anew each time: this runs for every number. */
function wordAround(text: string, at: number, floor: number, hasWords: boolean): Word {
  const word = NUMBER;
  word.start = -1;
  if (at > floor && isWordPart(text.charCodeAt(at - 1))) {
    word.isNumber = false;
    word.end = wordEnd(text, at + 1);
    if (hasWords) {
      const first = Math.max(floor, at - LONGEST_WORD);
      let start = at - 1;
      while (start > first && isWordPart(text.charCodeAt(start - 1))) start--;
      if (word.end - start <= LONGEST_WORD) word.start = start;
    }
    return word;
  }
  const run = countDigits(text, at, LONGEST_RUN);
  word.run = run;
  word.isNumber = (run >= FEWEST_BARE_DIGITS || isGroupEnd(text.charCodeAt(at + run))) && opensNumber(text, at, floor);
  word.end = run < LONGEST_RUN ? at + run : digitsEnd(text, at + run);
  if (hasWords) {
    if (isWordPart(text.charCodeAt(word.end))) {
      // `12345678Z`: a word that begins with digits.
      word.end = wordEnd(text, word.end);
      if (word.end - at <= LONGEST_WORD) word.start = at;
    } else if (at - 1 > floor && isHyphen(text.charCodeAt(at - 1)) && isWordPart(text.charCodeAt(at - 2))) {
      // The digits of `name-1234-…` may belong to what came before.
      word.start = at;
    }
  }
  return word;
}

function clear(choice: Choice): void {
  choice.candidate = undefined;
}

function askWord(scan: Scan, start: number, end: number, floor: number, spoiled: Candidate[], choice: Choice): void {
  const initial = scan.text.charCodeAt(start);
  if (initial >= 128) return;
  const asked = scan.plan.byInitial[initial]!;
  for (let i = 0; i < asked.length; i++) {
    const candidate = asked[i]!.recognizer.findWord!(scan.text, start, end, floor);
    if (candidate !== undefined) consider(scan, candidate, asked[i]!, floor, spoiled, choice);
  }
}

/** Keeps a candidate if it is better than the best so far: longer; as long, and surer; or as sure, and more specific. */
function consider(
  { text, key }: Scan,
  candidate: Candidate,
  planned: Planned,
  floor: number,
  spoiled: Candidate[],
  choice: Choice,
): void {
  if (candidate.spoiled) {
    remember(spoiled, candidate);
    return;
  }
  const { start, end } = candidate;
  const { context, threshold, rank } = planned;
  const confidence =
    context === undefined ? candidate.confidence : context(candidate.confidence, text, start, end, floor, key?.());
  if (confidence < threshold) return;
  const best = choice.candidate;
  if (best !== undefined) {
    const longer = end - start - (best.end - best.start);
    if (longer < 0) return;
    if (longer === 0 && confidence < choice.confidence) return;
    if (longer === 0 && confidence === choice.confidence && rank > choice.planned!.rank) return;
  }
  choice.candidate = candidate;
  choice.planned = planned;
  choice.confidence = confidence;
}

/** Spoiled candidates that are kept: more than can end in the stretch that a value may reach back over. */
const MOST_SPOILED = 256;

function remember(spoiled: Candidate[], candidate: Candidate): void {
  if (spoiled.length === MOST_SPOILED) spoiled.splice(0, MOST_SPOILED / 2);
  spoiled.push(candidate);
}

/**
 * Where the text begins that a value at `start` puts in another light: with the first of the spoiled candidates that
 * it is next to, or covers in part, or that are next to one of these. `start`, if there are none.
 */
function earliestSpoiled(spoiled: readonly Candidate[], start: number): number {
  let earliest = start;
  for (let last = Number.NaN; earliest !== last; ) {
    last = earliest;
    // Later ones end later, but for a few: once through is enough, and once more says so.
    for (let i = spoiled.length - 1; i >= 0; i--) {
      const candidate = spoiled[i]!;
      if (candidate.end + 1 >= earliest) earliest = Math.min(earliest, candidate.start);
    }
  }
  return earliest;
}

/**
 * Asks one recognizer. One that reaches back may cover values found before: it wins if it is longer than each of
 * them, or as long and more specific; else it has to begin after them.
 */
function look(
  text: string,
  at: number,
  floor: number,
  back: number,
  { recognizer, rank }: Planned,
  found: Found,
): Candidate | undefined {
  if (!recognizer.reachesBack || back >= floor) return recognizer.find!(text, at, floor, floor);
  const candidate = recognizer.find!(text, at, floor, back);
  if (candidate !== undefined && !candidate.spoiled && wins(candidate, rank, found)) return candidate;
  return recognizer.find!(text, at, floor, floor) ?? (candidate?.spoiled ? candidate : undefined);
}

function wins({ start, end }: Candidate, rank: number, { list, ranks }: Found): boolean {
  const length = end - start;
  for (let i = list.length - 1; i >= 0 && list[i]!.end > start; i--) {
    const other = list[i]!;
    const otherLength = other.end - other.start;
    if (otherLength > length || (otherLength === length && ranks[i]! < rank)) return false;
  }
  return true;
}
