import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createRedactor, createRedactStream } from '../../../src/guards/pii/stream.ts';
import { createScanner, PII_TYPES, type PiiType, type ScannerOptions } from '../../../src/pii.ts';
import { readCases } from './corpus.ts';
import { readSecrets } from './recognizers/secret-corpus.ts';

const SETS: readonly ScannerOptions[] = [
  {},
  { types: PII_TYPES },
  { types: ['email'] },
  { types: ['phone', 'ip_address'], threshold: 0.5 },
  { allow: { domains: ['x.co'], values: ['a@b.co'] } },
];

const PIECES: readonly string[] = [
  ...['email', 'phone', 'ssn', 'credit-card', 'ip-address', 'iban'].flatMap((name) =>
    readCases(name).map(({ text }) => text),
  ),
  ...readSecrets().map(({ text }) => text),
  ...'@ @x.co @b.com .com . .. ... - : :: / // https:// mailto: tel: ( ) [ ] _ " , + 0 1 12 123 1234 a ab % = # < >'.split(
    ' ',
  ),
  ...[
    ' ',
    '  ',
    '\n',
    '\t',
    '\0',
    "'",
    'é',
    '例',
    '😀',
    '\ud800',
    '\udfff',
    '１',
    '＠',
    '%40',
    '%2',
    '%E4',
    '%BE%8B',
    '％40',
  ],
  ...[
    'jane%40example.org',
    '%2B1%20415%20555%202671',
    '[REDACTED_EMAIL]',
    ' x12',
    'a@b.co',
    'DE89 3704 0044 0532 0130 00',
  ],
];
const rough = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((parts) => parts.join(''));
/** Long lines: more than what is kept, so that the beginning is given out before the end is known. */
const long = fc
  .tuple(
    rough,
    rough,
    rough,
    fc.constantFrom('x', ' word', '1-', 'a@', '9', '%41', '415-555-', 'lorem ipsum '),
    fc.nat(3_000),
  )
  .map(([first, second, third, filler, count]) => first + filler.repeat(count) + second + filler.repeat(count) + third);

function parts(text: string, cuts: readonly number[]): string[] {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  const pieces: string[] = [];
  let from = 0;
  for (const place of [...places, text.length]) {
    pieces.push(text.slice(from, place));
    from = place;
  }
  return pieces;
}

function streamed(options: ScannerOptions, pieces: readonly string[]): string {
  const redactor = createRedactor(options);
  return pieces.map((piece) => redactor.push(piece)).join('') + redactor.end();
}

describe('a stream gives what a redaction of the whole gives, wherever it is cut', () => {
  test.each<[string, fc.Arbitrary<string>, number]>([
    ['short texts', rough, 3_000],
    ['long lines', long, 300],
  ])('%s', (_name, text, numRuns) => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SETS),
        text,
        fc.array(fc.nat(100_000), { maxLength: 12 }),
        (options, value, cuts) => {
          expect(streamed(options, parts(value, cuts))).toBe(createScanner(options).redact(value).text);
        },
      ),
      { numRuns },
    );
  });

  test('one character at a time', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SETS), rough, (options, value) => {
        expect(streamed(options, value.split(''))).toBe(createScanner(options).redact(value).text);
      }),
      { numRuns: 500 },
    );
  });
});

test('a finished line is given out at once; of a line without end, a bounded rest is kept', () => {
  const redactor = createRedactor();
  expect(redactor.push('mail jane@exam')).toBe('');
  expect(redactor.push('ple.org\nand')).toBe('mail [REDACTED_EMAIL]\n');
  let given = 0;
  const pushed = 40 * 10_000;
  for (let i = 0; i < 40; i++) given += redactor.push('0123 4567, '.repeat(1_000).slice(0, 10_000)).length;
  expect(pushed - given).toBeLessThan(64_000);
});

test('as a web stream', async () => {
  const types: readonly PiiType[] = ['email'];
  const readable = new ReadableStream<string>({
    start(controller) {
      for (const part of ['mail ja', 'ne@example', '.org', ' and bob@example.org']) controller.enqueue(part);
      controller.close();
    },
  });
  let text = '';
  for await (const part of readable.pipeThrough(createRedactStream({ types })) as unknown as AsyncIterable<string>)
    text += part;
  expect(text).toBe('mail [REDACTED_EMAIL] and [REDACTED_EMAIL]');
});

test('options are checked as those of the scanner', () => {
  expect(() => createRedactStream({ types: ['name' as never] })).toThrow(/^PTC_E003 .*scanner\.types/);
});

test('values that overlap from end to end of a text are not kept, and are not looked at again and again', () => {
  const unit = 'a@b.co%41';
  const redactor = createRedactor();
  const text = unit.repeat(20_000);
  let kept = 0;
  const sort = vi.spyOn(Array.prototype, 'sort');
  let given = '';
  for (let at = 0; at < text.length; at += 1_000) given += redactor.push(text.slice(at, at + 1_000));
  for (const { length } of sort.mock.contexts as unknown[][]) kept = Math.max(kept, length);
  sort.mockRestore();
  // Findings that one step has to do with: those of what is not settled, however much came before.
  expect(kept).toBeLessThan(10_000);
  expect(given + redactor.end()).toBe(createScanner().redact(text).text);
});
