import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { createScanner, PII_TYPES } from '../../../src/pii.ts';

/** Texts that make a careless scanner look back or ahead again and again. */
const HOSTILE: readonly string[] = [
  '@',
  '1-',
  'a.',
  '1',
  '(',
  '+',
  ':',
  'a@',
  'a@b.',
  'a.a@a.a',
  '.@.',
  '1 ',
  '1.',
  '+1',
  '(1',
  '1:',
  '::1',
  '1::',
  '0 12 ',
  '4111 ',
  'é@é.',
  '例@例.',
  'a://a@b.co',
  "a'",
  'a%eth0',
  '\ud800',
  '[REDACTED_EMAIL]',
  'alice@example ',
  `${'a'.repeat(64)}@`,
  `a@${'b'.repeat(63)}.`,
  'a@b.co-555-123-4567a',
  '+1 415 555 267 ',
  '+49 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 ',
  '(415) 555-267 ',
  '415-555-2671a ',
  '415-555-2671 x',
  '01 23 45 67 8 ',
  '123-45-678 ',
  '123-45-6789-',
  '000-12-3456 ',
  '4111 1111 1111 1112 ',
  '4111-1111-1111-1111-',
  '4111111111111112 ',
  'DE89 4111 1111 1111 1111 ',
  'DE95 4111 1111 1111 1111 00 ',
  '192.168.1.256 ',
  '1:2:3:4:5:6:7 ',
  'fe80::1%',
  'version 1.2.3.4 ',
  '123-45-6789 ',
  'a@b.co ',
  'a@b.co',
  'eyJ',
  'eyJ1.',
  'eyJhbGciOiJub25lIn0.',
  'eyJhbGciOiJub25lIn0.a-',
  'eyJhbGciOiJub25lIn0-',
  'sk-',
  'sk-1-',
  'sk-proj-a1-',
  'ghp_a1',
  'ghp_a1 ',
  'glpat-1-',
  'dp.pt.a1 ',
  'xoxb-1-',
  'a-b.c-d1 ',
  'a:b@',
  '://a:b',
  '://a:b@',
  'a://b:@',
  'a://@b:c@',
  'a:b@tcp(',
  '-----BEGIN PRIVATE KEY-----\n',
  '-----BEGIN PRIVATE KEY-----\nA: ',
  '-----BEGIN PRIVATE KEY-----\\nA\\n',
  '-----BEGIN ',
  'password=',
  'password=abc;',
  ',password=abc',
  '&password=abc',
  'a?b&password=abc',
  'a=b;',
  'Bearer a1.',
  'Basic a1 ',
  '12345678:AA1',
  '/A/B1',
  'hooks.slack.com/services/TA1/',
];

afterEach(() => {
  vi.restoreAllMocks();
});

/** How often a scan looked at a character or asked a regular expression. */
function steps(text: string): number {
  let count = 0;
  const { charCodeAt, slice, startsWith } = String.prototype;
  const { exec, test: matches } = RegExp.prototype;
  vi.spyOn(String.prototype, 'charCodeAt').mockImplementation(function (this: string, at: number) {
    count++;
    return charCodeAt.call(this, at);
  });
  vi.spyOn(String.prototype, 'slice').mockImplementation(function (this: string, from?: number, to?: number) {
    count++;
    return slice.call(this, from, to);
  });
  vi.spyOn(String.prototype, 'startsWith').mockImplementation(function (this: string, part: string, at?: number) {
    count++;
    return startsWith.call(this, part, at);
  });
  vi.spyOn(RegExp.prototype, 'exec').mockImplementation(function (this: RegExp, value: string) {
    count++;
    return exec.call(this, value);
  });
  vi.spyOn(RegExp.prototype, 'test').mockImplementation(function (this: RegExp, value: string) {
    count++;
    return matches.call(this, value);
  });
  createScanner({ types: PII_TYPES }).scan(text);
  vi.restoreAllMocks();
  return count;
}

/**
 * Looks at one character of a text, everything that is looked at again included. Of all pairs of the texts above, `fe80::1%`
 * over and over takes the most, 55.3: each zone may be the beginning of the next address. The next worst takes 20. Each further type that waits for numbers or
 * words adds a look or two.
 */
const MOST_STEPS_PER_CHARACTER = 60 + 4 * PII_TYPES.length;

test.each(HOSTILE)('%j, over and over: twice the text is twice the work', (piece) => {
  const text = piece.repeat(Math.ceil(1000 / piece.length));
  const once = steps(text);
  const twice = steps(text + text);
  const fourTimes = steps(text.repeat(4));
  expect(fourTimes - twice).toBeLessThanOrEqual(2.1 * (twice - once) + 200);
  expect(fourTimes).toBeLessThanOrEqual(MOST_STEPS_PER_CHARACTER * 4 * text.length + 5000);
});

test('any mixture of them stays under the same bound', () => {
  const mixture = fc.array(fc.constantFrom(...HOSTILE), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(mixture, (piece) => {
      const text = piece.repeat(Math.ceil(500 / piece.length));
      expect(steps(text)).toBeLessThanOrEqual(MOST_STEPS_PER_CHARACTER * text.length + 2000);
    }),
    { numRuns: 300 },
  );
});
