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

/** How many cases a corpus has at least. */
export interface Fewest {
  readonly positive?: number;
  readonly negative?: number;
}

/** Every case of a type's corpus, alone and among other text. */
export function describeType(type: PiiType, { positive = 20, negative = 25 }: Fewest = {}): void {
  const name = type.replaceAll('_', '-');
  const scanner = createScanner({ types: [type] });
  const cases = readCases(name);

  describe(`corpus of ${type}`, () => {
    test('has positive and negative cases', () => {
      expect(cases.filter(({ find }) => find.length > 0).length).toBeGreaterThanOrEqual(positive);
      expect(cases.filter(({ find }) => find.length === 0).length).toBeGreaterThanOrEqual(negative);
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

/** Whether a text as a whole is one value of the type, whatever its confidence. */
export function wholeValueOf(type: PiiType): (text: string) => boolean {
  const scanner = createScanner({ types: [type], threshold: 0 });
  return (text) => scanner.scan(text).some(({ start, end }) => start === 0 && end === text.length);
}

/** Every text that one wrong digit makes of a value. */
export function wrongDigits(value: string): readonly string[] {
  return [...value].flatMap((char, at) =>
    /\d/.test(char)
      ? [...'0123456789']
          .filter((digit) => digit !== char)
          .map((digit) => value.slice(0, at) + digit + value.slice(at + 1))
      : [],
  );
}

/** Each value is found, and no text that one wrong digit makes of it, whatever the confidence. */
export function testWrongDigits(type: PiiType, values: readonly string[]): void {
  const scanner = createScanner({ types: [type], threshold: 0 });

  test.each(values)('%s is found, and with one wrong digit it is not', (value) => {
    expect(scanner.scan(value)).toHaveLength(1);
    for (const other of wrongDigits(value)) expect(scanner.scan(other), other).toEqual([]);
  });
}
