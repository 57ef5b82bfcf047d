import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createScanner, PII_TYPES, type PiiType, type ScanFinding } from '../../../../src/pii.ts';
import { readCases } from '../corpus.ts';

const NATIONAL: readonly PiiType[] = [
  'us_itin',
  'us_aba',
  'us_passport',
  'us_driver_license',
  'uk_nhs',
  'uk_nino',
  'es_nif',
  'es_nie',
  'it_codice_fiscale',
  'de_tax_id',
  'fr_nir',
  'pl_pesel',
  'nl_bsn',
];

/** Each type by itself, whatever the confidence. */
const ALONE = NATIONAL.map((type) => createScanner({ types: [type], threshold: 0 }));
const SCANNERS = [
  createScanner({ types: NATIONAL }),
  createScanner({ types: NATIONAL, threshold: 0 }),
  createScanner({ types: PII_TYPES }),
  createScanner({ types: [...NATIONAL, 'email', 'phone'] }),
  ...ALONE,
];
const scanner = fc.constantFrom(...SCANNERS);

/** The corpus, its words and values, and what makes trouble next to them. */
const PIECES: readonly string[] = [
  ...NATIONAL.flatMap((type) =>
    readCases(type.replaceAll('_', '-')).flatMap(({ text, find }) => [text, ...find, ...text.split(' ')]),
  ),
  ...['-', '--', '.', '/', ',', ':', '+', '_', ' ', '\n', '0', '12', '1 ', 'A', 'a', 'AB ', 'X-', 'é', '例', '\ud800'],
  ...['[REDACTED_UK_NINO]', '@x.co', ' order ', '123-45-6789', '1.2.3.4', 'a@b.co', '415-555-2671', '2 55 08 '],
];
const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 7 }).map((parts) => parts.join(''));

test('redacted text scans clean', () => {
  fc.assert(
    fc.property(scanner, text, ({ scan, redact }, value) => {
      const redacted = redact(value).text;
      expect(scan(redacted)).toEqual([]);
    }),
    { numRuns: 4000 },
  );
});

test('a line end keeps two texts apart', () => {
  const places = (found: readonly ScanFinding[], by: number) => found.map(({ start, end }) => [start + by, end + by]);
  fc.assert(
    fc.property(fc.constantFrom(...ALONE), text, text, ({ scan }, first, second) => {
      const whole = places(scan(`${first}\n${second}`), 0);
      expect(whole).toEqual([...places(scan(first), 0), ...places(scan(second), first.length + 1)]);
    }),
    { numRuns: 2000 },
  );
});

test('findings are sorted and do not overlap, and lower thresholds cover no less', () => {
  const all = createScanner({ types: NATIONAL, threshold: 0 });
  const usual = createScanner({ types: NATIONAL });
  fc.assert(
    fc.property(text, (value) => {
      const covered = new Set<number>();
      let last = 0;
      for (const { start, end } of all.scan(value)) {
        expect(start).toBeGreaterThanOrEqual(last);
        last = end;
        for (let at = start; at < end; at++) covered.add(at);
      }
      for (const { start } of usual.scan(value)) expect(covered.has(start)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
