import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type BenignText, benignTexts } from '../../../bench/pii/benign.ts';
import { createScanner } from '../../../src/guards/pii/scanner.ts';
import { DEFAULT_PII_TYPES, PII_TYPES, type PiiType } from '../../../src/guards/pii/types.ts';

/** Characters in which one finding may be wrong. */
const PER_FALSE_POSITIVE = 100_000;

const texts = benignTexts(fileURLToPath(new URL('../../../', import.meta.url)));
const length = texts.reduce((sum, { text }) => sum + text.length, 0);

/** Above what documentation values are found with: this repository's sources show addresses of RFC 2606 and RFC 5737. */
const DOCUMENTATION = 0.2;

/** What was found, with the text around it: there is nothing personal in it. */
function findings({ name, text }: BenignText, types: readonly PiiType[]): string[] {
  return createScanner({ types })
    .scan(text)
    .filter(({ confidence }) => confidence > DOCUMENTATION)
    .map(({ type, start, end, confidence }) => {
      const around = JSON.stringify(text.slice(Math.max(0, start - 30), end + 30));
      return `${name}: ${type} ${confidence} «${text.slice(start, end)}» in ${around}`;
    });
}

describe('text without personal data', () => {
  test('is a megabyte at least', () => {
    expect(length).toBeGreaterThanOrEqual(1_000_000);
    expect(texts.filter(({ name }) => name.startsWith('prose')).length).toBeGreaterThanOrEqual(10);
  });

  test('is the same in every run', () => {
    expect(benignTexts(fileURLToPath(new URL('../../../', import.meta.url)))).toEqual(texts);
  });

  test.each([
    ['the default types', DEFAULT_PII_TYPES],
    ['every type', PII_TYPES],
  ])('with %s at most one finding in 100 kB', (_, types) => {
    const found = texts.flatMap((text) => findings(text, types));
    expect(found.length, `${found.length} in ${length}:\n${found.join('\n')}`).toBeLessThanOrEqual(
      Math.floor(length / PER_FALSE_POSITIVE),
    );
  });
});
