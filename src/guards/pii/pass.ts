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
  const found: ScanFinding[] = [];
  pass(text, 0, 0, plan, found, DEEPEST);
  return found;
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
const DEEPEST = 2;

/**
 * One pass from `from` to the end of `text`. What is before `floor` belongs to a value already found, and a value is
 * an edge, just as its label will be: redacted text therefore holds nothing that the text did not.
 */
function pass(text: string, from: number, edge: number, plan: Plan, found: ScanFinding[], again: number): void {
  let at = from;
  let floor = edge;
  /** End of the last value that reaches back; the next one cannot begin before it. */
  let back = edge;
  let spoiled: Candidate | undefined;

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
      const candidate = look(text, at, floor, back, recognizer, plan, found);
      if (candidate === undefined) continue;
      if (candidate.spoiled) spoiled = joined(spoiled, candidate);
      else if (best === undefined || candidate.end - candidate.start > best.end - best.start) {
        best = candidate;
        winner = recognizer;
      }
    }
    if (best === undefined || winner === undefined) {
      at = digit ? digitsEnd(text, at + 1) : at + 1;
      continue;
    }

    let first = best.start;
    while (floor > best.start) {
      // Overlapped by a longer value: gone, and what it leaves uncovered is looked at again.
      first = Math.min(first, found.pop()!.start);
      floor = Math.max(edge, found.length > 0 ? found[found.length - 1]!.end : edge);
    }
    if (spoiled !== undefined && spoiled.end + 1 >= best.start) first = Math.min(first, spoiled.start);
    spoiled = undefined;
    first = Math.max(first, floor);
    if (first < best.start && again > 0) pass(text.slice(0, best.start), first, floor, plan, found, again - 1);
    const { start, end, confidence } = best;
    found.push({ type: winner.type, rule: winner.rule, start, end, confidence });
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

/** Spoiled candidates that touch may be each other's trouble, so they are kept as one. */
function joined(earlier: Candidate | undefined, later: Candidate): Candidate {
  if (earlier === undefined || earlier.end + 1 < later.start) return later;
  return { ...later, start: Math.min(earlier.start, later.start), end: Math.max(earlier.end, later.end) };
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
