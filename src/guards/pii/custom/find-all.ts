import type { CompiledPattern, MatchSpan } from './engine.ts';
import { foldText, type Literal } from './literal.ts';
import type { Lengths } from './measure.ts';

/** A pattern and what is known of its matches. */
export interface Prepared {
  readonly compiled: CompiledPattern;
  readonly lengths: Lengths;
  /** A text that every match holds. */
  readonly literal: Literal | undefined;
}

/**
 * Characters that a pattern without an upper bound sees, at least, from where a match begins. What it needs to match must
 * stand in them; a match that goes on is followed up to {@link LONGEST_MATCH}.
 */
export const UNBOUNDED_REACH = 512;
/** A match is not longer, in UTF-16 code units; what it would go on with is text again. */
export const LONGEST_MATCH = 16_384;

/** Where matches are looked for in one go: few characters at first, more while nothing is found. */
const FIRST_STRETCH = 64;
const LONGEST_STRETCH = 1_024;

/** A text to be looked through, and its case-folded form, made once and only if a pattern needs it. */
export interface Haystack {
  /** Without lone surrogates. */
  readonly text: string;
  folded(): string;
}

/** Lone surrogates become U+FFFD: engines of UTF-8 disagree on them. Every offset stays what it was. */
export function haystack(text: string): Haystack {
  const wellFormed = text.replace(/[\ud800-\udfff]/gu, '\ufffd');
  let folded: string | undefined;
  return {
    text: wellFormed,
    folded() {
      folded ??= foldText(wellFormed);
      return folded;
    },
  };
}

/**
 * All matches, leftmost first, without overlaps: what `matchAll` gives for patterns of bounded length. The engine sees
 * windows only: those where the pattern's literal stands, or all, overlapping by the length of a match. Linear: stretches
 * do not overlap, and no window is longer than its stretch and twice a match, but for matches that are followed, whose
 * windows in sum are bounded by the text.
 */
export function findAll(hay: Haystack, { compiled, lengths, literal }: Prepared): MatchSpan[] {
  const { text } = hay;
  const isBounded = lengths.max !== Number.POSITIVE_INFINITY;
  const reach = isBounded ? lengths.max : UNBOUNDED_REACH;
  const longest = Math.max(LONGEST_STRETCH, reach);
  const found: MatchSpan[] = [];
  let followed = 4 * text.length + LONGEST_MATCH;
  let stretch = FIRST_STRETCH;
  let at = 0;

  /** The match that begins nearest to `from`, seen in a window up to `end`. */
  function look(from: number, end: number): MatchSpan | undefined {
    const base = lastBoundary(text, Math.max(0, from - 1));
    const match = compiled.find(text.slice(base, end), from - base);
    return match && { start: match.start + base, end: match.end + base };
  }

  /** A match that ends where its window does may go on after it. */
  function follow(match: MatchSpan, windowEnd: number): MatchSpan {
    let seen: MatchSpan = match;
    let end = windowEnd;
    for (let length = 2 * reach; !isBounded && seen.end === end && end < text.length; length *= 2) {
      if (length > LONGEST_MATCH || followed < length) break;
      followed -= length;
      end = nextBoundary(text, match.start + length);
      const again = look(match.start, end);
      if (again === undefined || again.start !== match.start) break;
      seen = again;
    }
    return seen;
  }

  for (;;) {
    const zone = nextZone(hay, literal, at, stretch, reach);
    if (zone === undefined) return found;
    const { start, end: stop } = zone;
    const windowEnd = nextBoundary(text, stop + reach + 1);
    const match = look(start, windowEnd);
    if (match === undefined || match.start >= stop) {
      at = stop;
      stretch = Math.min(2 * stretch, longest);
      continue;
    }
    const whole = follow(match, windowEnd);
    found.push(whole);
    at = whole.end;
    stretch = FIRST_STRETCH;
  }
}

/**
 * The next stretch in which a match may begin, from `at` on: where the literal that it holds lets it, up to the last
 * literal that is near. Both ends stand between whole characters.
 */
function nextZone(
  hay: Haystack,
  literal: Literal | undefined,
  at: number,
  stretch: number,
  reach: number,
): MatchSpan | undefined {
  const { text } = hay;
  if (at >= text.length) return undefined;
  if (literal === undefined) return { start: at, end: nextBoundary(text, at + stretch) };
  const { minBefore } = literal;
  const searched = literal.fold ? hay.folded() : text;
  const first = searched.indexOf(literal.text, at + minBefore);
  if (first < 0) return undefined;
  const start = nextBoundary(text, Math.max(at, first - Math.min(literal.maxBefore, reach)));
  const farthest = start + stretch - 1 + minBefore;
  const last = farthest > first ? searched.lastIndexOf(literal.text, farthest) : first;
  return { start, end: nextBoundary(text, Math.min(start + stretch, last - minBefore + 1)) };
}

/** `at`, or the end of the surrogate pair that it is in the middle of; at most the end of the text. */
function nextBoundary(text: string, at: number): number {
  return at >= text.length ? text.length : isLow(text.charCodeAt(at)) ? at + 1 : at;
}

/** `at`, or the begin of the surrogate pair that it is in the middle of. */
function lastBoundary(text: string, at: number): number {
  return at > 0 && isLow(text.charCodeAt(at)) ? at - 1 : at;
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
