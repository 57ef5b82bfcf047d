import { countDigits, digitsEnd, isDigit, isGroupEnd, isWordPart, opensNumber, wordEnd } from './chars.ts';
import type { Candidate, Recognizer } from './recognizers/recognizer.ts';
import type { PiiType, ScanFinding } from './types.ts';

/** Recognizers by the characters they wait for. */
export interface Plan {
  /** Finds the next anchor; its `lastIndex` is set before each use. */
  readonly anchor: RegExp;
  /** 1 for each ASCII anchor. */
  readonly isAnchor: Uint8Array;
  readonly byChar: readonly (readonly Recognizer[])[];
  /** The types, the most specific first. */
  readonly order: readonly PiiType[];
}

/** Prepares recognizers, the most specific first. */
export function planOf(recognizers: readonly Recognizer[]): Plan {
  const isAnchor = new Uint8Array(128);
  const byChar: Recognizer[][] = Array.from({ length: 128 }, () => []);
  let anchors = '';
  for (const recognizer of recognizers) {
    for (const char of recognizer.anchors.replace('0', '0123456789')) {
      const code = char.charCodeAt(0);
      byChar[code]!.push(recognizer);
      isAnchor[code] = 1;
      anchors += `\\x${code.toString(16).padStart(2, '0')}`;
    }
  }
  return { anchor: new RegExp(`[${anchors}]`, 'g'), isAnchor, byChar, order: recognizers.map(({ type }) => type) };
}

/** Finds everything the plan knows. Sorted, without overlaps. */
export function scanText(text: string, plan: Plan): ScanFinding[] {
  const found: Found = { list: [], doubts: [] };
  pass(text, 0, 0, plan, found, DEEPEST);
  return found.list;
}

interface Found {
  readonly list: ScanFinding[];
  /** For each finding, the spoiled candidates before it: if it goes, they may matter to what takes its place. */
  readonly doubts: (readonly Candidate[])[];
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
const DEEPEST = 6;

/**
 * One pass from `from` to the end of `text`. What is before `floor` belongs to a value already found, and a value is
 * an edge, just as its label will be: redacted text therefore holds nothing that the text did not.
 */
function pass(text: string, from: number, edge: number, plan: Plan, found: Found, again: number): void {
  let at = from;
  let floor = edge;
  /** End of the last value that reaches back; the next one cannot begin before it. */
  let back = edge;
  let spoiled: Candidate[] = [];

  for (;;) {
    at = nextAnchor(text, at, plan);
    if (at < 0) return;
    const code = text.charCodeAt(at);
    const digit = isDigit(code);
    if (digit) {
      if (at > floor && isWordPart(text.charCodeAt(at - 1))) {
        at = wordEnd(text, at + 1);
        continue;
      }
      const run = countDigits(text, at, FEWEST_BARE_DIGITS);
      if (!mayBeginNumber(text, at, run, floor)) {
        at = digitsEnd(text, at + run);
        continue;
      }
    }

    let best: Candidate | undefined;
    let winner: Recognizer | undefined;
    for (const recognizer of plan.byChar[code]!) {
      const candidate = look(text, at, floor, back, recognizer, plan, found.list);
      if (candidate === undefined) continue;
      if (candidate.spoiled) remember(spoiled, candidate);
      else if (best === undefined || candidate.end - candidate.start > best.end - best.start) {
        best = candidate;
        winner = recognizer;
      }
    }
    if (best === undefined || winner === undefined) {
      at = digit ? digitsEnd(text, at + 1) : at + 1;
      continue;
    }

    let since = earliestSpoiled(spoiled, best.start);
    while (floor > best.start) {
      // Overlapped by a longer value: gone, and what it leaves uncovered is looked at again.
      since = Math.min(since, found.list.pop()!.start, earliestSpoiled(found.doubts.pop()!, best.start));
      floor = Math.max(edge, found.list.at(-1)?.end ?? edge);
    }
    since = Math.max(since, floor);
    if (since < best.start && again > 0) pass(text.slice(0, best.start), since, floor, plan, found, again - 1);
    const { start, end, confidence } = best;
    found.list.push({ type: winner.type, rule: winner.rule, start, end, confidence });
    found.doubts.push(spoiled);
    if (spoiled.length > 0) spoiled = [];
    at = end;
    floor = end;
    if (winner.reachesBack) back = end;
  }
}

/** No value has fewer digits in a row unless a separator follows them. */
const FEWEST_BARE_DIGITS = 7;

/** Cheap, and false for most numbers. */
function mayBeginNumber(text: string, at: number, run: number, floor: number): boolean {
  return (run === FEWEST_BARE_DIGITS || isGroupEnd(text.charCodeAt(at + run))) && opensNumber(text, at, floor);
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
  recognizer: Recognizer,
  { order }: Plan,
  found: readonly ScanFinding[],
): Candidate | undefined {
  if (!recognizer.reachesBack || back >= floor) return recognizer.find(text, at, floor, floor);
  const candidate = recognizer.find(text, at, floor, back);
  if (candidate !== undefined && !candidate.spoiled && wins(candidate, recognizer.type, order, found)) return candidate;
  return recognizer.find(text, at, floor, floor) ?? (candidate?.spoiled ? candidate : undefined);
}

function wins(candidate: Candidate, type: PiiType, order: readonly PiiType[], found: readonly ScanFinding[]): boolean {
  const length = candidate.end - candidate.start;
  for (let i = found.length - 1; i >= 0 && found[i]!.end > candidate.start; i--) {
    const other = found[i]!;
    const otherLength = other.end - other.start;
    if (otherLength > length || (otherLength === length && order.indexOf(other.type) < order.indexOf(type)))
      return false;
  }
  return true;
}
