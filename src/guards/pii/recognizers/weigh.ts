import type { Candidate, Recognizer } from './recognizer.ts';

/**
 * The same recognizer, with the confidence of its values multiplied by what their letters and digits are worth: a number
 * may be of the right form and yet look like something else, or lack a check that most have.
 *
 * @param worth gets letters and digits, in capitals, without separators; gives 0 to 1
 */
export function weighed(recognizer: Recognizer, worth: (compact: string) => number): Recognizer {
  const { find, findWord } = recognizer;

  function weigh(text: string, candidate: Candidate | undefined): Candidate | undefined {
    if (candidate === undefined || candidate.spoiled) return candidate;
    const compact = text.slice(candidate.start, candidate.end).replace(SEPARATORS, '').toUpperCase();
    return { ...candidate, confidence: candidate.confidence * worth(compact) };
  }

  return {
    ...recognizer,
    ...(find && { find: (text, at, floor, back, run) => weigh(text, find(text, at, floor, back, run)) }),
    ...(findWord && { findWord: (text, start, end, floor) => weigh(text, findWord(text, start, end, floor)) }),
  };
}

const SEPARATORS = /[^0-9A-Za-z]+/g;
