import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createScanner, PII_TYPES, type PiiType, type ScanFinding } from '../../../src/pii.ts';
import { readCases } from './corpus.ts';
import { readSecrets } from './recognizers/secret-corpus.ts';

const SETS: readonly (readonly PiiType[])[] = [
  PII_TYPES,
  ['credit_card', 'email', 'phone', 'ssn'],
  ['email'],
  ['phone', 'ip_address'],
  ['credit_card', 'email'],
  ['secret', 'iban', 'email'],
];
const scanners = SETS.map((types) => createScanner({ types }));
const scanner = fc.constantFrom(...scanners);

/** Values, parts of values, labels, and what stands around them: put together, they make every kind of trouble. */
const PIECES: readonly string[] = [
  ...['email', 'phone', 'ssn', 'credit-card', 'ip-address', 'iban'].flatMap((name) =>
    readCases(name).map(({ text }) => text),
  ),
  // Keys in PEM armour have lines, which is what the last law is not about.
  ...readSecrets()
    .map(({ text }) => text)
    .filter((text) => !text.includes('-----BEGIN ')),
  ...'@ @x.co @b.com .com . .. ... - : :: / // https:// mailto: tel: ( ) [ ] _ " , + 0 1 12 123 1234 a ab % = # < >'.split(
    ' ',
  ),
  ...[' ', '  ', '\n', '\t', '\0', "'", 'é', '例', '😀', '\ud800', '\udfff', '\u0301', '\u00a0', '\u2011', '１', '＠'],
  ...[
    '[REDACTED_EMAIL]',
    '[REDACTED_SSN]',
    ' ext 12',
    'x12',
    ';ext=1',
    '%eth0',
    '/24',
    'version ',
    'git',
    '00',
    '\\u0040',
    'jane@example%2eorg',
    '123%2D45-6789',
  ],
  ...'%40 %2e %2f %3a %20 %2B %2D %41 %31'.split(' '),
];
const rough = fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((parts) => parts.join(''));
/** Any UTF-16, lone surrogates included. */
const wild = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  maxLength: 60,
});
const text = fc.oneof({ weight: 4, arbitrary: rough }, { weight: 1, arbitrary: wild });

test('findings are sorted, do not overlap, lie in the text, and scanning twice finds the same', () => {
  fc.assert(
    fc.property(scanner, text, ({ scan, types }, value) => {
      const found = scan(value);
      let last = 0;
      for (const { type, start, end, confidence } of found) {
        expect(types).toContain(type);
        expect(start).toBeGreaterThanOrEqual(last);
        expect(end).toBeGreaterThan(start);
        expect(confidence > 0 && confidence <= 1).toBe(true);
        last = end;
      }
      expect(last).toBeLessThanOrEqual(value.length);
      expect(scan(value)).toEqual(found);
    }),
    { numRuns: 1500 },
  );
});

test('redacted text scans clean, so redaction is idempotent', () => {
  fc.assert(
    fc.property(scanner, text, ({ scan, redact }, value) => {
      const redacted = redact(value).text;
      expect(scan(redacted)).toEqual([]);
      expect(redact(redacted).text).toBe(redacted);
    }),
    { numRuns: 4000 },
  );
});

test.each([
  'tel. 12 345 67 89 031-390 06 12',
  'mail a@b.co:%2f/jane@example%2eorg',
  'jane@example%2eorg+61 412 345 678%41',
  'a@b%2eco+855 91 234 567123%2D45-6789',
  '%5C4532-0151-1283-0366%567-89-0118',
  'jane.doe%40example.org%333-44-5562',
  '5%367-89-0129%33%37%38%32%20%30%30%30%30%30%30%20%31%32%33%34%34',
])('%s scans clean once it is redacted', (value) => {
  const { scan, redact } = scanners[0]!;
  expect(scan(redact(value).text)).toEqual([]);
});

test('what is not redacted stays as it is', () => {
  fc.assert(
    fc.property(scanner, text, ({ redact }, value) => {
      const { text: redacted, findings } = redact(value);
      let rest = redacted;
      let from = 0;
      for (const { type, start, end } of findings) {
        const kept = value.slice(from, start);
        const label = `[REDACTED_${type.toUpperCase()}]`;
        expect(rest.startsWith(kept + label)).toBe(true);
        rest = rest.slice(kept.length + label.length);
        from = end;
      }
      expect(rest).toBe(value.slice(from));
    }),
    { numRuns: 1000 },
  );
});

test('a line end keeps two texts apart', () => {
  const shifted = (found: readonly ScanFinding[], by: number) =>
    found.map((finding) => ({ ...finding, start: finding.start + by, end: finding.end + by }));
  fc.assert(
    fc.property(scanner, text, text, ({ scan }, first, second) => {
      expect(scan(`${first}\n${second}`)).toEqual([...scan(first), ...shifted(scan(second), first.length + 1)]);
    }),
    { numRuns: 2000 },
  );
});
