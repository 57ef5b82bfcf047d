import { HYPHEN, isDigit, WORD } from './chars.ts';
import { CODE_CLASSES, type Codes } from './codes.ts';

/**
 * An automaton that passes what nobody is to be asked about: words, punctuation, and the short and the broken numbers that
 * data is full of. Where it stops, the search looks closely; it may stop too often, but never too late. Two bytes a step,
 * since each step waits for the one before: that, and not the work of a step, is what its time goes into.
 */
export interface Quiet {
  /** By byte: its kind, and the same shifted for the first of two. */
  readonly kinds: Uint8Array;
  readonly firstKinds: Uint8Array;
  /** By state and two kinds: the state after them, or {@link STOP}, which nothing leads out of. */
  readonly next: Uint16Array;
  /** By state: characters of an undecided number or anchor before it; {@link DECIMALS_BACK} for any number of decimals. */
  readonly back: Uint8Array;
  /** The states to begin in: after a part of a word, after a hyphen, and after anything else. */
  readonly word: number;
  readonly wordHyphen: number;
  readonly gap: number;
}

/** States are multiples of the number of pairs of kinds. */
export const PAIR_BITS = 8;
/** The state after what nobody can pass. */
export const STOP = 0;
export const DECIMALS_BACK = 255;
/** Bytes between two looks at whether it has stopped. */
const STRIDE = 8;

/**
 * Passes what it can from `from` on, before `end`. Returns a place to look closely from, where the search might itself have
 * come to; every anchor before it is one that nobody is asked about.
 */
export function quietEnd(quiet: Quiet, codes: Codes, from: number, floor: number, end: number): number {
  const { kinds, firstKinds, next } = quiet;
  const before = from > floor ? CODE_CLASSES[codes[from - 1]!]! : 0;
  let state = (before & WORD) !== 0 ? quiet.word : (before & HYPHEN) !== 0 ? quiet.wordHyphen : quiet.gap;
  let at = from;
  for (const last = end - STRIDE; at <= last; at += STRIDE) {
    const first = firstKinds[codes[at]!]! | kinds[codes[at + 1]!]!;
    const second = firstKinds[codes[at + 2]!]! | kinds[codes[at + 3]!]!;
    const third = firstKinds[codes[at + 4]!]! | kinds[codes[at + 5]!]!;
    const fourth = firstKinds[codes[at + 6]!]! | kinds[codes[at + 7]!]!;
    const after = next[next[next[next[state + first]! + second]! + third]! + fourth]!;
    if (after === STOP) break;
    state = after;
  }
  const undecided = quiet.back[state >> PAIR_BITS]!;
  if (undecided === DECIMALS_BACK) return numberStart(codes, at, from);
  return at - undecided > from ? at - undecided : from;
}

/** Where the number begins whose decimals go up to `at`. */
function numberStart(codes: Codes, at: number, from: number): number {
  let start = at;
  while (start > from && isDigit(codes[start - 1]!)) start--;
  if (start > from) start--;
  while (start > from && isDigit(codes[start - 1]!)) start--;
  return start;
}
