import { type CodeView, viewOfPart } from './codes.ts';
import type { Hint } from './hints.ts';
import type { Plan, Planned } from './plan.ts';
import type { Candidate } from './recognizers/recognizer.ts';
import { newSpot, type Spot, seek } from './seek.ts';
import type { ScanFinding } from './types.ts';

/**
 * Finds everything the plan knows. Sorted, without overlaps.
 *
 * @param key gives the words of the JSON key that the text is the value of; asked for only where they matter
 * @param hints what was found in another reading of the text
 */
export function scanText(text: string, plan: Plan, key?: KeyWords, hints: readonly Hint[] = []): Found {
  const found = nothingYet();
  // Most prose holds nothing that anybody waits for, which the engine sees fastest.
  plan.anchor.lastIndex = 0;
  if (hints.length === 0 && !plan.anchor.test(text)) return found;
  const view = plan.codeBook.open(text);
  pass({ text, view, plan, key, found, hints }, startAt(0, 0), Number.POSITIVE_INFINITY);
  plan.codeBook.close(view);
  return found;
}

export type KeyWords = () => string | undefined;

/** What was found so far, and what it takes to undo the last of it. */
export interface Found {
  readonly list: ScanFinding[];
  /** For each finding, what found it. */
  readonly winners: Winner[];
  /** For each finding, the spoiled candidates before it: if it goes, they may matter to what takes its place. */
  readonly doubts: (readonly Candidate[])[];
}

export function nothingYet(): Found {
  return { list: [], winners: [], doubts: [] };
}

export interface Winner extends Pick<Planned, 'type' | 'rule' | 'rank' | 'reachesBack'> {
  /** Found in another reading, and not at a place that this one knows: it is an edge, and nothing else. */
  readonly isRough?: boolean;
}

export interface Scan {
  readonly text: string;
  readonly view: CodeView;
  readonly plan: Plan;
  readonly key: KeyWords | undefined;
  readonly found: Found;
  /** Sorted, without overlaps. */
  readonly hints: readonly Hint[];
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

/** How often a stretch of text may be looked at again because its surroundings turned out to be values. */
const DEEPEST = 6;

/** The best candidate so far at one place. */
interface Choice {
  candidate: Candidate | undefined;
  winner: Winner | undefined;
  confidence: number;
}

/**
 * Goes on with a pass, up to the end of the text or the first anchor at `limit` or after it. What is before `state.edge`
 * belongs to a value already found, and a value is an edge, just as its label will be: redacted text therefore holds
 * nothing that the text did not.
 */
export function pass(scan: Scan, state: State, limit: number, again: number = DEEPEST): void {
  const { text, view, plan, found, hints } = scan;
  const choice: Choice = { candidate: undefined, winner: undefined, confidence: 0 };
  const spot = newSpot();
  let { at, floor, back, spoiled } = state;

  for (;;) {
    const isAnchor = seek(text, view, at, limit, floor, plan, spot);
    clear(choice);
    if (hints.length > 0) considerHint(hints, floor, spot.at, isAnchor, choice);
    if (!isAnchor && choice.candidate === undefined) break;
    // A hint that ends before the anchor has no rival.
    if (isAnchor && !(choice.candidate !== undefined && choice.candidate.end <= spot.at)) {
      ask(scan, spot, floor, back, spoiled, choice);
    }

    const { candidate: best, winner, confidence } = choice;
    if (best === undefined || winner === undefined) {
      at = spot.end;
      continue;
    }

    let since = earliestSpoiled(spoiled, best.start);
    while (floor > best.start) {
      // Overlapped by a longer value: gone, and what it leaves uncovered is looked at again.
      since = Math.min(since, found.list.pop()!.start, earliestSpoiled(found.doubts.pop()!, best.start));
      found.winners.pop();
      floor = Math.max(state.edge, found.list.at(-1)?.end ?? state.edge);
    }
    since = Math.max(since, floor, best.start - FARTHEST_BACK);
    if (since < best.start && again > 0) {
      const before = text.slice(0, best.start);
      pass({ ...scan, text: before, view: viewOfPart(view, before, since) }, startAt(since, floor), limit, again - 1);
    }
    const { start, end } = best;
    const { type, rule, reachesBack } = winner;
    found.list.push({ type, rule, start, end, confidence });
    found.winners.push(winner);
    found.doubts.push(spoiled);
    if (spoiled.length > 0) spoiled = [];
    at = end;
    floor = end;
    if (reachesBack) back = end;
  }
  state.at = spot.at;
  state.floor = floor;
  state.back = back;
  state.spoiled = spoiled;
}

/**
 * How far before an anchor, in characters, anything that is found there can change what was found: values reach back some
 * hundred, and what is looked at again begins here at the earliest.
 */
export const FARTHEST_BACK = 4_096;
/** Asks everybody about an anchor. */
function ask(scan: Scan, spot: Spot, floor: number, back: number, spoiled: Candidate[], choice: Choice): void {
  const { at, asked, run, word, end } = spot;
  if (word >= 0) askWord(scan, word, end, floor, spoiled, choice);
  for (let i = 0; i < asked.length; i++) {
    const candidate = look(scan.text, at, floor, back, run, asked[i]!, scan.found);
    if (candidate !== undefined) consider(scan, candidate, asked[i]!, floor, spoiled, choice);
  }
}

/**
 * Takes the first hint after `floor` that ends before `at`; or that begins before it, if an anchor stands there. Where the
 * search has ended at its limit, whoever waits for an anchor inside the hint is yet to be asked.
 */
function considerHint(hints: readonly Hint[], floor: number, at: number, isAnchor: boolean, choice: Choice): void {
  let low = 0;
  let high = hints.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (hints[middle]!.finding.start < floor) low = middle + 1;
    else high = middle;
  }
  const hint = hints[low];
  if (hint === undefined || (isAnchor ? hint.finding.start : hint.finding.end) > at) return;
  choice.candidate = hint.finding;
  choice.winner = hint.winner;
  choice.confidence = hint.finding.confidence;
}

function clear(choice: Choice): void {
  choice.candidate = undefined;
}

function askWord(scan: Scan, start: number, end: number, floor: number, spoiled: Candidate[], choice: Choice): void {
  const initial = scan.text.charCodeAt(start);
  if (initial >= 128) return;
  const asked = scan.plan.byInitial[initial]!;
  for (let i = 0; i < asked.length; i++) {
    const candidate = asked[i]!.findWord(scan.text, start, end, floor);
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
    if (longer === 0 && confidence === choice.confidence && rank > choice.winner!.rank) return;
  }
  choice.candidate = candidate;
  choice.winner = planned;
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
  run: number,
  planned: Planned,
  found: Found,
): Candidate | undefined {
  if (!planned.reachesBack || back >= floor) return planned.find(text, at, floor, floor, run);
  const candidate = planned.find(text, at, floor, back, run);
  if (candidate !== undefined && !candidate.spoiled && wins(candidate, planned.rank, found)) return candidate;
  return planned.find(text, at, floor, floor, run) ?? (candidate?.spoiled ? candidate : undefined);
}

function wins({ start, end }: Candidate, rank: number, { list, winners }: Found): boolean {
  const length = end - start;
  for (let i = list.length - 1; i >= 0 && list[i]!.end > start; i--) {
    const other = list[i]!;
    const otherLength = other.end - other.start;
    if (otherLength > length || (otherLength === length && winners[i]!.rank < rank)) return false;
  }
  return true;
}
