import { before, codeAt, countDigits, isBlank, isDigit } from '../chars.ts';
import type { Candidate, Recognizer } from './recognizer.ts';

/**
 * The same recognizer, for values that begin with digits, but not where groups with blanks are only part of a longer row
 * of groups: the first twelve digits of a card number, the last nine of `51 824 753 556`.
 */
export function outsideRows(recognizer: Recognizer): Recognizer {
  const { find } = recognizer;
  if (find === undefined) return recognizer;
  return {
    ...recognizer,
    find(text, at, floor, back, run) {
      if (followsRow(text, at, floor)) return undefined;
      const candidate = find(text, at, floor, back, run);
      if (candidate === undefined || candidate.spoiled || !precedesRow(text, candidate)) return candidate;
      return { ...candidate, spoiled: true };
    },
  };
}

/** Longest group of a row. */
const LONGEST = 6;

/** Whether a group that a blank follows comes after one that is no longer. What is before was looked at before. */
function followsRow(text: string, at: number, floor: number): boolean {
  if (!isBlank(before(text, at, floor)) || !isDigit(before(text, at - 1, floor))) return false;
  const length = groupBeforeBlank(text, at);
  let previous = 0;
  while (previous <= length && isDigit(before(text, at - 1 - previous, floor))) previous++;
  return previous <= length;
}

/** Whether a group as long as the last of a value in groups follows it. */
function precedesRow(text: string, { start, end }: Candidate): boolean {
  if (!isBlank(codeAt(text, end)) || groupBeforeBlank(text, start) === 0) return false;
  let last = 0;
  while (last < LONGEST && isDigit(codeAt(text, end - 1 - last))) last++;
  return countDigits(text, end + 1, last + 1) === last;
}

/** Length of the group at `at` if a blank follows it; 0 for any other. */
function groupBeforeBlank(text: string, at: number): number {
  const length = countDigits(text, at, LONGEST + 1);
  return isBlank(codeAt(text, at + length)) ? length : 0;
}
