import { codeAt, countDigits } from '../chars.ts';
import type { Recognizer } from './recognizer.ts';

const PLUS = 0x2b;
const DIGITS_BEFORE = 6;

/** The same recognizer, asked also for six digits before a `+`, which opens no number by itself. */
export function withPlus(recognizer: Recognizer): Recognizer {
  const { find, anchors = '' } = recognizer;
  if (find === undefined) return recognizer;
  return {
    ...recognizer,
    anchors: `${anchors}+`,
    find(text, at, floor, back, run) {
      if (codeAt(text, at) !== PLUS) return find(text, at, floor, back, run);
      const start = at - DIGITS_BEFORE;
      if (start < floor || countDigits(text, start, DIGITS_BEFORE) < DIGITS_BEFORE) return undefined;
      return find(text, start, floor, back, DIGITS_BEFORE);
    },
  };
}
