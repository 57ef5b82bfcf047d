import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createScanner } from '../../../src/guards/pii/scanner.ts';
import type { PiiType } from '../../../src/guards/pii/types.ts';

/** One line of a labelled corpus: a text, what is to be found in it, and why. */
export interface Case {
  readonly text: string;
  /** The values, in order; none where nothing is to be found. */
  readonly find: readonly string[];
  readonly why: string;
}

/** Reads `fixtures/pii/<name>.json`. */
export function readCases(name: string): readonly Case[] {
  return JSON.parse(readFileSync(new URL(`../../../fixtures/pii/${name}.json`, import.meta.url), 'utf8'));
}

const SURROUNDINGS: readonly (readonly [before: string, after: string])[] = [
  ['', ''],
  ['é 中 ', ' 中 é'],
  ['\ud83d\ude00 ', ' \ud83d\ude00'],
  ['\ud800 ', ' \udfff'],
  ['e\u0301 ', ' e\u0301'],
  ['\n', '\n'],
  ['"', '"'],
];

/** Every case of a type's corpus, alone and among other text. */
export function describeType(type: PiiType): void {
  const name = type.replaceAll('_', '-');
  const scanner = createScanner({ types: [type] });
  const cases = readCases(name);

  describe(`corpus of ${type}`, () => {
    test('has positive and negative cases', () => {
      expect(cases.filter(({ find }) => find.length > 0).length).toBeGreaterThanOrEqual(20);
      expect(cases.filter(({ find }) => find.length === 0).length).toBeGreaterThanOrEqual(25);
    });

    test.each(cases)('$why: $text', ({ text, find }) => {
      for (const [before, after] of SURROUNDINGS) {
        const whole = before + text + after;
        const found = scanner.scan(whole);
        expect(found.map(({ start, end }) => whole.slice(start, end))).toEqual(find);
        for (const finding of found) {
          expect(finding).toMatchObject({ type, rule: `pii/${name}` });
          expect(finding.confidence).toBeGreaterThan(0);
          expect(finding.confidence).toBeLessThanOrEqual(1);
        }
      }
    });
  });
}
