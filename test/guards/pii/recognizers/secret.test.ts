import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { readSecrets, withCrc } from './secret-corpus.ts';

const { scan } = createScanner({ types: ['secret'] });
const found = (text: string): string[] => scan(text).map(({ start, end }) => text.slice(start, end));
const confidence = (text: string): number => scan(text)[0]?.confidence ?? 0;

const SURROUNDINGS: readonly (readonly [before: string, after: string])[] = [
  ['', ''],
  ['é 中 ', ' 中 é'],
  ['\ud83d\ude00 ', ' \ud83d\ude00'],
  ['\ud800 ', ' \udfff'],
  ['\n', '\n'],
  ['"', '"'],
  ['{"key":"', '"}'],
];

const cases = readSecrets();

describe('corpus of secrets', () => {
  test('has at least 150 positive and 150 negative cases', () => {
    expect(cases.filter(({ find }) => find.length > 0).length).toBeGreaterThanOrEqual(150);
    expect(cases.filter(({ find }) => find.length === 0).length).toBeGreaterThanOrEqual(150);
  });

  test.each(cases)('$why: $text', ({ text, find }) => {
    for (const [before, after] of SURROUNDINGS) {
      expect(found(before + text + after)).toEqual(find);
    }
    for (const finding of scan(text)) {
      expect(finding).toMatchObject({ type: 'secret', rule: 'pii/secret' });
      expect(finding.confidence).toBeGreaterThan(0);
      expect(finding.confidence).toBeLessThanOrEqual(1);
    }
  });
});

const RANDOM = 'zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ';

test('a key of GitHub is surer with its check value than without', () => {
  expect(confidence(`ghp_${withCrc(RANDOM)}`)).toBe(0.99);
  // An expired key that its owner published to show the check value.
  expect(withCrc(RANDOM)).toBe(`${RANDOM}0mLq17`);
  expect(confidence(`ghp_${RANDOM}0mLq18`)).toBe(0.5);
});

test.each([
  [`AKIA${'IOSFODNN7'}EXAMPLE`, 'the example of the documentation of AWS'],
  [`sk_live_${'4'.repeat(24)}`, 'one character'],
  [`ghp_${'abcdefghijklmnopqrstuvwxyz0123456789'}`, 'the alphabet'],
  [`glpat-${'xxxxxxxxxxxxxxxxxxx1'}`, 'a row of x'],
  ['mysql://admin:password@db.example.com', 'password'],
])('%s has little confidence: %s', (text) => {
  expect(confidence(text)).toBe(0.2);
  expect(createScanner({ types: ['secret'], threshold: 0.3 }).scan(text)).toEqual([]);
});

test('keys for tests have little confidence', () => {
  expect(confidence(`sk_test_${RANDOM}`)).toBe(0.3);
  expect(confidence(`sk_live_${RANDOM}`)).toBe(0.95);
});

test('a private key is looked at up to a bound', () => {
  const line = `${'aB3dE6gH9jK2mN5p'.repeat(4)}\n`;
  const open = `-----BEGIN PRIVATE KEY-----\n${line.repeat(1000)}`;
  const [finding] = scan(open);
  expect(finding?.start).toBe(0);
  expect(finding?.end).toBeGreaterThan(16_000);
  expect(finding?.end).toBeLessThan(18_000);
  expect(scan(`${open}-----END PRIVATE KEY-----`)).toEqual([finding]);
});

test('what was found before is no part of a secret', () => {
  const { redact } = createScanner({ types: ['secret', 'email', 'phone'] });
  expect(redact(`bob@example.com:ghp_${withCrc(RANDOM)}`).text).toBe('[REDACTED_EMAIL]:[REDACTED_SECRET]');
  expect(redact('postgres://jo:415-555-2671@db.example.com/x').text).toBe('[REDACTED_SECRET]/x');
  expect(redact('Server=db;Password=415-555-2671;').text).toBe('Server=db;Password=[REDACTED_SECRET];');
});

test('lone surrogates are no trouble', () => {
  expect(found('postgres://jo:s3\ud800cret@db.example.com')).toEqual([]);
  expect(found(`\udfffghp_${withCrc(RANDOM)}\ud800`)).toHaveLength(1);
});

test('letters beyond ASCII end a key, and nothing throws at them', () => {
  const pieces = [...cases.map(({ text }) => text), 'é', 'ß', '中', '\ud800', '＠', '．'];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...pieces), { maxLength: 4 }),
      fc.nat(200),
      fc.constantFrom('é', 'Ж', '中', '\udfff', '\0', '[', '-', '.', '='),
      (parts, at, char) => {
        const text = parts.join('');
        expect(() => scan(text.slice(0, at) + char + text.slice(at))).not.toThrow();
      },
    ),
    { numRuns: 3000 },
  );
  expect(found('eyJhbGciOiJIUzI1NiJ9é.eyJzdWIiOiIxIn0.c2ln')).toEqual([]);
});
