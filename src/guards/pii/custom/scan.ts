import { labelOf, PII_TYPES, type ScanFinding } from '../types.ts';
import { findAll, haystack } from './find-all.ts';
import type { ReadyPattern } from './patterns.ts';

/** Finds what custom patterns match: for each pattern, its findings in order. */
export type CustomScan = (text: string, key?: () => string | undefined) => readonly ScanFinding[][];

/**
 * Prepares patterns to be looked for together. A label that redaction leaves is no match, nor is any part of it. Linear in
 * patterns times text.
 *
 * @param least confidence from which a match counts, unless its pattern asks for more
 */
export function customScan(patterns: readonly ReadyPattern[], least: number): CustomScan {
  const labels = new Set([...PII_TYPES.map(labelOf), ...patterns.map(({ label }) => label)]);
  return (text, key) => {
    const hay = haystack(text);
    return patterns.map((pattern) => {
      const found: ScanFinding[] = [];
      for (const { start, end } of findAll(hay, pattern)) {
        const { rule, label, context, threshold } = pattern;
        const confidence = context?.(pattern.confidence, text, start, end, 0, key?.()) ?? pattern.confidence;
        if (confidence < Math.max(threshold, least) || isInLabel(text, start, end, labels)) continue;
        found.push({ type: 'custom', rule, start, end, confidence, label });
      }
      return found;
    });
  };
}

const LABEL_START = '[REDACTED_';
/** Characters of the longest label. */
const LONGEST_LABEL = 64;

function isInLabel(text: string, start: number, end: number, labels: ReadonlySet<string>): boolean {
  if (end - start > LONGEST_LABEL) return false;
  const around = text.slice(Math.max(0, start - LONGEST_LABEL), end + LONGEST_LABEL);
  const at = start - Math.max(0, start - LONGEST_LABEL);
  const open = around.lastIndexOf(LABEL_START, at);
  if (open < 0) return false;
  const close = around.indexOf(']', open) + 1;
  return close >= at + end - start && labels.has(around.slice(open, close));
}
