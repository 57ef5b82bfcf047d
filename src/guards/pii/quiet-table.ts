import { type Anchors, DIGIT_ANCHOR, OTHER_ANCHOR } from './anchors.ts';
import { HYPHEN, separatorOf, WORD } from './chars.ts';
import { CODE_CLASSES } from './codes.ts';
import { FEWEST_BARE_DIGITS, IN_ROW, LEADING_ZERO, type NumberPlan } from './number-plan.ts';
import { DECIMALS_BACK, PAIR_BITS, type Quiet, STOP } from './quiet.ts';
import { LONGEST_SECOND } from './recognizers/recognizer.ts';

/** What has been read, as far as it matters for what comes. */
interface State {
  readonly is: number;
  /** Code of the anchor. */
  readonly anchor: number;
  /** Digits in a row; and digits behind the point, up to {@link LONGEST_SECOND}. */
  readonly run: number;
  readonly second: number;
  /** Whether the first digit is a zero. */
  readonly isZero: boolean;
}

const GAP = 1;
const IN_WORD = 2;
/** A hyphen that a word may stand before. */
const WORD_HYPHEN = 3;
/** An anchor that waits for what follows; and one without a part of a word before it. */
const AFTER_ANCHOR = 4;
const AFTER_APART = 5;
const DIGITS = 6;
/** Digits with a point, and maybe digits, behind them. */
const FRACTION = 7;
/** Digits behind a point, more than anybody waits for. */
const DECIMALS = 8;

const ZERO = 0x30;
const POINT = 0x2e;
const HYPHEN_MINUS = 0x2d;

/** Two kinds have to fit into {@link PAIR_BITS}: there may be sixteen, which all types together need. */
const KIND_BITS = PAIR_BITS / 2;

/** Works an automaton out, from what the recognizers wait for. */
export function quietOf(anchors: Anchors, numbers: NumberPlan): Quiet {
  const { kinds, examples } = kindsOf(anchors);
  const states: State[] = [];
  const places = new Map<number, number>();
  const placeOf = (state: State | undefined): number => {
    if (state === undefined) return STOP;
    const { is, anchor, run, second, isZero } = state;
    const id = (((is * 256 + anchor) * 16 + run) * 16 + second) * 2 + (isZero ? 1 : 0);
    // Counted from one: what is not zero is a state.
    const place = places.get(id) ?? states.push(state);
    places.set(id, place);
    return place;
  };
  const [gap, word, wordHyphen] = [GAP, IN_WORD, WORD_HYPHEN].map((is) => placeOf(plain(is)) << PAIR_BITS);
  const awaited = awaitedFractions(numbers);
  // One for STOP, which leads nowhere else.
  const rows = [new Uint16Array(examples.length)];
  for (let at = 0; at < states.length; at++) {
    const after = (code: number): number => placeOf(stateAfter(states[at]!, code, anchors, awaited)) << PAIR_BITS;
    rows.push(Uint16Array.from(examples, after));
  }
  return {
    kinds,
    firstKinds: kinds.map((kind) => kind << KIND_BITS),
    next: pairs(rows),
    back: Uint8Array.from([0, ...states.map(backOf)]),
    gap: gap!,
    word: word!,
    wordHyphen: wordHyphen!,
  };
}

/** Two steps in one. By state, a row of the states after each kind, at its place for the second of two. */
function pairs(rows: readonly Uint16Array[]): Uint16Array {
  const next = new Uint16Array(rows.length << PAIR_BITS);
  rows.forEach((row, at) => {
    row.forEach((between, first) => {
      next.set(rows[between >> PAIR_BITS]!, (at << PAIR_BITS) + (first << KIND_BITS));
    });
  });
  return next;
}

function plain(is: number): State {
  return { is, anchor: 0, run: 0, second: 0, isZero: false };
}

/** The state after one more byte; none where the search has to look. */
function stateAfter(state: State, code: number, anchors: Anchors, awaited: Awaited): State | undefined {
  const { is, anchor, run, second } = state;
  const fractions = awaited[fractionsOf(state)]!;
  const charClass = CODE_CLASSES[code]!;
  const isDigit = anchors.kinds[code] === DIGIT_ANCHOR;
  const isWord = (charClass & WORD) !== 0;
  if (is === IN_WORD) {
    if (isDigit) return undefined;
    if ((charClass & HYPHEN) !== 0) return plain(WORD_HYPHEN);
  } else if (is === WORD_HYPHEN) {
    // What may belong to the word before; or another hyphen, if they are waited for.
    if (isDigit || follows(anchors.followed, HYPHEN_MINUS, code)) return undefined;
  } else if (is === AFTER_ANCHOR || is === AFTER_APART) {
    if (follows(is === AFTER_APART ? anchors.followedApart : anchors.followed, anchor, code)) return undefined;
  } else if (is !== GAP) {
    // In a number, which no part of a word may follow.
    if (isWord && !isDigit) return undefined;
    if (is === DIGITS) {
      if (isDigit) return run + 1 < FEWEST_BARE_DIGITS ? { ...state, run: run + 1 } : undefined;
      if (code === POINT) return { ...state, is: FRACTION };
      if (separatorOf(charClass) !== 0) return undefined;
    } else if (isDigit) {
      const more = { ...state, second: Math.min(second + 1, LONGEST_SECOND) };
      return is === FRACTION && more.second <= fractions.lastIndexOf(true) ? more : plain(DECIMALS);
    } else if (is === FRACTION && fractions[second]) return undefined;
  }
  if (isDigit) return { ...plain(DIGITS), run: 1, isZero: code === ZERO };
  if (anchors.kinds[code] !== OTHER_ANCHOR) return plain(isWord ? IN_WORD : GAP);
  if (isWord) return undefined;
  return { ...plain(is === GAP || is === AFTER_APART ? AFTER_APART : AFTER_ANCHOR), anchor: code };
}

function follows(followed: Uint8Array, anchor: number, code: number): boolean {
  return followed[anchor * 256 + code] === 1;
}

/** By {@link fractionsOf}, and digits behind a point: whether anybody may be asked about such a number. */
type Awaited = readonly (readonly boolean[])[];

function awaitedFractions(numbers: NumberPlan): Awaited {
  const point = separatorOf(CODE_CLASSES[POINT]!);
  const isAwaited = (run: number, second: number, zero: number): boolean =>
    [0, IN_ROW].some((inRow) => numbers.askedAbout(run, point, second, zero + inRow).length > 0);
  return Array.from({ length: FEWEST_BARE_DIGITS * 2 }, (_, at) =>
    Array.from({ length: LONGEST_SECOND + 1 }, (__, second) => isAwaited(at >> 1, second, at % 2)),
  );
}

/** Where in {@link Awaited} a number is, by what stands before the point. */
function fractionsOf({ run, isZero }: State): number {
  return run * 2 + (isZero ? LEADING_ZERO : 0);
}

/** By state: see {@link Quiet.back}. */
function backOf({ is, run, second }: State): number {
  if (is === DECIMALS || second === LONGEST_SECOND) return DECIMALS_BACK;
  if (is === AFTER_ANCHOR || is === AFTER_APART || is === WORD_HYPHEN) return 1;
  return is === FRACTION ? run + 1 + second : run;
}

/** Bytes that no recognizer tells apart, as one kind; and a byte of each. */
function kindsOf(anchors: Anchors): { readonly kinds: Uint8Array; readonly examples: readonly number[] } {
  const kinds = new Uint8Array(256);
  const examples: number[] = [];
  const known = new Map<number, number>();
  const others = [...kinds.keys()].filter((code) => anchors.kinds[code] === OTHER_ANCHOR);
  for (const code of kinds.keys()) {
    const charClass = CODE_CLASSES[code]!;
    const separator = code === POINT ? 2 : Math.min(1, separatorOf(charClass));
    // All that is asked about a byte above, as one number.
    let traits = (others.indexOf(code) + 1) * 8 + anchors.kinds[code]! * 2 + (code === ZERO ? 1 : 0);
    traits = traits * 1_024 + (charClass & (WORD | HYPHEN)) * 4 + separator;
    for (const anchor of others) {
      traits = traits * 4 + anchors.followed[anchor * 256 + code]! * 2 + anchors.followedApart[anchor * 256 + code]!;
    }
    const kind = known.get(traits) ?? examples.push(code) - 1;
    known.set(traits, kind);
    kinds[code] = kind;
  }
  return { kinds, examples };
}
