import { lazy } from '../../lazy.ts';
import { type Anchors, DIGIT_ANCHOR, NO_ANCHOR, OTHER_ANCHOR } from './anchors.ts';
import { type CodeBook, codeBook } from './codes.ts';
import { type ContextTest, contextTest } from './context.ts';
import { type Digits, type NumberPlan, numberPlan } from './number-plan.ts';
import type { Quiet } from './quiet.ts';
import { sharedQuiet } from './quiet-cache.ts';
import { quietOf } from './quiet-table.ts';
import { DEFAULT_REACH, type Glance, type Recognizer } from './recognizers/recognizer.ts';
import type { PiiType } from './types.ts';

/** A recognizer, ready to be asked: all have the same members in the same order, which engines read faster. */
export interface Planned {
  readonly type: PiiType;
  readonly rule: string;
  readonly find: Find;
  readonly findWord: FindWord;
  readonly reachesBack: boolean;
  /** Place in the order of types: the lower, the more specific. */
  readonly rank: number;
  readonly context: ContextTest | undefined;
  /** Confidence from which its values count. */
  readonly threshold: number;
}

/** Recognizers by the characters they wait for. */
export interface Plan {
  /** Finds the first anchor of a text; its `lastIndex` is set before each use. */
  readonly anchor: RegExp;
  readonly anchors: Anchors;
  /** Passes what nobody waits for; made when it is first asked for. */
  readonly quiet: () => Quiet;
  /** Texts as the search reads them. */
  readonly codeBook: CodeBook;
  /** By anchor: what decides whether anybody is asked, if all who wait for it have something to say. */
  readonly glances: readonly (Glance | undefined)[];
  readonly byChar: readonly (readonly Planned[])[];
  /** Recognizers of digits in a row. */
  readonly byShape: NumberPlan;
  /** Recognizers of words by the character that a word begins with. */
  readonly byInitial: readonly (readonly Planned[])[];
  readonly hasWords: boolean;
  /** Characters after an anchor that any recognizer may look at. */
  readonly reach: number;
  /** What values of several lines begin with. */
  readonly lineOpeners: readonly string[];
}

type Find = NonNullable<Recognizer['find']>;
type FindWord = NonNullable<Recognizer['findWord']>;

const nothing = (): undefined => undefined;

const DIGITS = '0123456789';

/**
 * Prepares recognizers, the most specific first.
 *
 * @param thresholds confidence by type, over the recognizer's own
 */
export function planOf(recognizers: readonly Recognizer[], thresholds: Readonly<Record<string, number>> = {}): Plan {
  const anchorsByCode = new Uint8Array(256);
  const byChar: Planned[][] = Array.from({ length: 128 }, () => []);
  const glancesAt: (Glance | undefined)[][] = Array.from({ length: 128 }, () => []);
  const byInitial: Planned[][] = Array.from({ length: 128 }, () => []);
  const byDigits: Digits[] = [];
  const preceded = new Uint8Array(128 * 256);
  const followed = new Uint8Array(128 * 256);
  const followedApart = new Uint8Array(128 * 256);
  let hasWords = false;
  recognizers.forEach((recognizer, rank) => {
    const planned: Planned = {
      type: recognizer.type,
      rule: recognizer.rule,
      find: recognizer.find ?? nothing,
      findWord: recognizer.findWord ?? nothing,
      reachesBack: recognizer.reachesBack ?? false,
      rank,
      context: recognizer.context && contextTest(recognizer.context),
      threshold: thresholds[recognizer.type] ?? recognizer.threshold ?? 0,
    };
    for (const char of recognizer.anchors ?? '') {
      if (char === '0') {
        markDigits(anchorsByCode);
        byDigits.push({ planned, recognizer });
        continue;
      }
      const code = char.charCodeAt(0);
      byChar[code]!.push(planned);
      anchorsByCode[code] = OTHER_ANCHOR;
      glancesAt[code]!.push(recognizer.glances?.[char]);
      allow(preceded, code, recognizer.preceded?.[char]);
      allow(followed, code, recognizer.followed?.[char]);
      allow(followedApart, code, recognizer.followedApart?.[char] ?? recognizer.followed?.[char]);
    }
    for (const char of (recognizer.initials ?? '').replace('0', DIGITS)) {
      byInitial[char.charCodeAt(0)]!.push(planned);
      hasWords = true;
    }
  });
  // Words are met at their first digit.
  if (hasWords) markDigits(anchorsByCode);
  let anchors = '';
  for (let code = 0; code < 128; code++) {
    if (anchorsByCode[code] !== NO_ANCHOR) anchors += `\\x${code.toString(16).padStart(2, '0')}`;
  }
  const waiting: Anchors = { kinds: anchorsByCode, preceded, followed, followedApart };
  const byShape = numberPlan(byDigits);
  return {
    anchor: new RegExp(anchors === '' ? '(?!)' : `[${anchors}]`, 'g'),
    anchors: waiting,
    quiet: lazy(() => sharedQuiet(recognizers, () => quietOf(waiting, byShape))),
    codeBook: codeBook(),
    glances: glancesAt.map(anyOf),
    byChar,
    byShape,
    byInitial,
    hasWords,
    reach: Math.max(...recognizers.map(({ reach = DEFAULT_REACH }) => reach), DEFAULT_REACH),
    lineOpeners: recognizers.flatMap(({ opensLines }) => opensLines ?? []),
  };
}

function allow(neighbours: Uint8Array, anchor: number, chars: string | undefined): void {
  for (let code = 0; code < 256; code++) {
    const isAllowed = chars === undefined || code >= 128 || chars.includes(String.fromCharCode(code));
    if (isAllowed) neighbours[anchor * 256 + code] = 1;
  }
}

/** A test that one of them passes; none, if one of them is missing. */
function anyOf(tests: readonly (Glance | undefined)[]): Glance | undefined {
  if (tests.length < 2) return tests[0];
  if (tests.includes(undefined)) return undefined;
  return (codes, at, floor, end) => tests.some((test) => test?.(codes, at, floor, end));
}

function markDigits(anchors: Uint8Array): void {
  for (const digit of DIGITS) anchors[digit.charCodeAt(0)] = DIGIT_ANCHOR;
}
