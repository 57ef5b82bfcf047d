import { lazy } from '../../lazy.ts';
import type { Context } from './recognizers/recognizer.ts';

/** Characters before a value that its context may stand in. */
export const CONTEXT_BEFORE = 48;
/** Characters after it. */
export const CONTEXT_AFTER = 24;

/** The confidence of a value, given what stands around it. */
export type ContextTest = (
  confidence: number,
  text: string,
  start: number,
  end: number,
  floor: number,
  key: string | undefined,
) => number;

/**
 * Prepares the words of a type. Only a value that has passed its own checks is asked for its context, so this may cost a
 * microsecond. What is before `floor`, another value or its label, and another line do not count: redaction would take
 * them away or bring them nearer.
 */
export function contextTest({ words, confidence: withContext, against }: Context): ContextTest {
  // Made when a value first asks: the engine takes a third of a millisecond for each, and a scanner has up to seventy.
  let near: RegExp | undefined;
  let far: RegExp | undefined;
  return (confidence, text, start, end, floor, key) => {
    // No word makes it surer, and none less sure.
    if (confidence >= withContext && against === undefined) return confidence;
    near ??= wordsPattern(words);
    far ??= against && wordsPattern(against);
    const before = textBefore(text, start, floor);
    if (near.test(before) || near.test(textAfter(text, end)) || (key !== undefined && near.test(key))) {
      return Math.max(confidence, withContext);
    }
    return far?.test(before) || (key !== undefined && far?.test(key)) ? confidence / 2 : confidence;
  };
}

/** A JSON key as words: `nhsNumber`, `nhs_number` and `NHS-number` are `nhs number`. */
export function keyWords(key: string): string {
  const shown = key.length > CONTEXT_BEFORE ? key.slice(-CONTEXT_BEFORE) : key;
  return shown
    .replaceAll(/(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu, ' ')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ');
}

function wordsPattern(words: readonly string[]): RegExp {
  const alternatives = words.map((word) =>
    word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(' ', '[\\s_.-]{0,3}'),
  );
  return new RegExp(`(?<![\\p{L}\\p{N}_])(?:${alternatives.join('|')})(?![\\p{L}\\p{N}_])`, 'iu');
}

const WORD_PART = lazy(() => /[\p{L}\p{N}_]/u);

const LABEL_END = /\[REDACTED_[A-Z_]+\]/g;

function textBefore(text: string, start: number, floor: number): string {
  const from = Math.max(floor, start - CONTEXT_BEFORE);
  const near = text.slice(from, start);
  let edge = near.lastIndexOf('\n') + 1;
  for (const { index, 0: label } of near.matchAll(LABEL_END)) edge = Math.max(edge, index + label.length);
  // A word that the window cuts is no word.
  if (edge === 0 && from > floor && WORD_PART().test(text.charAt(from - 1))) {
    const gap = near.search(/[^\p{L}\p{N}_]/u);
    edge = gap < 0 ? near.length : gap;
  }
  return near.slice(edge);
}

function textAfter(text: string, end: number): string {
  const near = text.slice(end, end + CONTEXT_AFTER);
  const edge = near.search(/\n|\[REDACTED_/);
  if (edge >= 0) return near.slice(0, edge);
  return WORD_PART().test(text.charAt(end + CONTEXT_AFTER)) ? near.replace(/[\p{L}\p{N}_]+$/u, '') : near;
}
