import { type ContextTest, contextTest } from './context.ts';
import { DEFAULT_REACH, type Recognizer } from './recognizers/recognizer.ts';

/** A recognizer, ready to be asked. */
export interface Planned {
  readonly recognizer: Recognizer;
  /** Place in the order of types: the lower, the more specific. */
  readonly rank: number;
  /** A bit for each length of a run of digits that it wants to see; {@link LONGEST_RUN} stands for all above. */
  readonly runs: number;
  readonly context: ContextTest | undefined;
  /** Confidence from which its values count. */
  readonly threshold: number;
}

/** Recognizers by the characters they wait for. */
export interface Plan {
  /** Finds the next anchor; its `lastIndex` is set before each use. */
  readonly anchor: RegExp;
  /** 1 for each ASCII anchor. */
  readonly isAnchor: Uint8Array;
  readonly byChar: readonly (readonly Planned[])[];
  /** Recognizers of words by the character that a word begins with. */
  readonly byInitial: readonly (readonly Planned[])[];
  readonly hasWords: boolean;
  /** Characters after an anchor that any recognizer may look at. */
  readonly reach: number;
  /** What values of several lines begin with. */
  readonly lineOpeners: readonly string[];
}

const DIGITS = '0123456789';

/**
 * Prepares recognizers, the most specific first.
 *
 * @param thresholds confidence by type, over the recognizer's own
 */
export function planOf(recognizers: readonly Recognizer[], thresholds: Readonly<Record<string, number>> = {}): Plan {
  const isAnchor = new Uint8Array(128);
  const byChar: Planned[][] = Array.from({ length: 128 }, () => []);
  const byInitial: Planned[][] = Array.from({ length: 128 }, () => []);
  let hasWords = false;
  recognizers.forEach((recognizer, rank) => {
    const planned: Planned = {
      recognizer,
      rank,
      runs: recognizer.runs === undefined ? -1 : bitsOf(recognizer.runs),
      context: recognizer.context && contextTest(recognizer.context),
      threshold: thresholds[recognizer.type] ?? recognizer.threshold ?? 0,
    };
    for (const char of (recognizer.anchors ?? '').replace('0', DIGITS)) {
      byChar[char.charCodeAt(0)]!.push(planned);
      isAnchor[char.charCodeAt(0)] = 1;
    }
    for (const char of (recognizer.initials ?? '').replace('0', DIGITS)) {
      byInitial[char.charCodeAt(0)]!.push(planned);
      hasWords = true;
    }
  });
  // Words are met at their first digit.
  if (hasWords) for (const char of DIGITS) isAnchor[char.charCodeAt(0)] = 1;
  let anchors = '';
  for (let code = 0; code < 128; code++) {
    if (isAnchor[code] === 1) anchors += `\\x${code.toString(16).padStart(2, '0')}`;
  }
  return {
    anchor: new RegExp(anchors === '' ? '(?!)' : `[${anchors}]`, 'g'),
    isAnchor,
    byChar,
    byInitial,
    hasWords,
    reach: Math.max(...recognizers.map(({ reach = DEFAULT_REACH }) => reach), DEFAULT_REACH),
    lineOpeners: recognizers.flatMap(({ opensLines }) => opensLines ?? []),
  };
}

/** Digits in a row that are counted. */
export const LONGEST_RUN = 20;

function bitsOf(runs: readonly number[]): number {
  return runs.reduce((bits, run) => bits | (1 << Math.min(run, LONGEST_RUN)), 0);
}
