import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codeBook } from '../../../src/guards/pii/codes.ts';
import { scanText } from '../../../src/guards/pii/pass.ts';
import { type Plan, planOf } from '../../../src/guards/pii/plan.ts';
import { quietEnd } from '../../../src/guards/pii/quiet.ts';
import { RECOGNIZERS } from '../../../src/guards/pii/recognizers/table.ts';
import { PII_TYPES, type PiiType } from '../../../src/guards/pii/types.ts';

const plansOf = (types: readonly PiiType[]): Plan => planOf(types.map((type) => RECOGNIZERS[type]));
const SEVEN = plansOf(['credit_card', 'iban', 'secret', 'ssn', 'ip_address', 'email', 'phone']);
const PLANS: readonly Plan[] = [SEVEN, plansOf(PII_TYPES), ...PII_TYPES.map((type) => plansOf([type]))];

/** The same with an automaton that passes nothing, so that the search looks at every character. */
function watchful(plan: Plan): Plan {
  const quiet = plan.quiet();
  const stopped = { ...quiet, next: new Uint16Array(quiet.next.length) };
  return { ...plan, quiet: () => stopped };
}

/** How far it gets. */
function reached(text: string, from = 0): number {
  const view = codeBook().open(text);
  return quietEnd(SEVEN.quiet(), view.bytes, from, 0, text.length);
}

test('it passes keys, words, and the numbers that data is full of', () => {
  const text =
    '{"source": "derived/stream", "window": 12, "N_j": {"2":7, "16": 60}, "v_star": [-0.308541530465, 12.5789012], ' +
    '"r":1.0625001, a-b, x: y, "16384", two words, and a sentence. The end is some way off';
  expect(text.length - reached(text)).toBeLessThan(8);
});

test('kinds and states have room for all types', () => {
  for (const plan of PLANS) {
    const { kinds, back } = plan.quiet();
    expect(Math.max(...kinds)).toBeLessThan(16);
    expect(back.length).toBeLessThanOrEqual(256);
  }
});

test('plans of the same types share one, and others do not', () => {
  expect(plansOf(['email', 'phone']).quiet()).toBe(plansOf(['email', 'phone']).quiet());
  expect(plansOf(['email', 'phone']).quiet()).not.toBe(plansOf(['email', 'ssn']).quiet());
});

test('only the newest are kept', () => {
  const first = plansOf(['email', 'ssn']).quiet();
  for (const type of PII_TYPES) plansOf([type]).quiet();
  expect(plansOf(['email', 'ssn']).quiet()).not.toBe(first);
});

const FILLER = 'some words before it, ';

test.each([
  ['a digit in a word', 'a1b2', 1],
  ['a word that begins with digits', '12345678Z', 0],
  ['digits behind a word and a hyphen', 'name-1234 ', 4],
  ['seven digits', '4155552671', 0],
  ['groups', '555-123-4567', 0],
  ['a short number and a blank', '1 415 555 2671', 0],
  ['four numbers between points', '10.20.30.40', 0],
  ['an address', 'jane@example.org', 4],
  ['a colon amid groups', 'fe80::1', 2],
  ['two colons', '::1', 0],
  ['a plus sign', '+4930123456', 0],
  ['armour', '-----BEGIN', 0],
  ['armour beside a word', 'x-----BEGIN', 1],
  ['an exponent', '1.23456789e10', 0],
  ['nine digits behind a point', '123456.123456789012345 ', 0],
])('it stops for %s, no later than where the search has to begin', (_name, value, at) => {
  for (let shift = 0; shift < 8; shift++) {
    const before = FILLER.slice(shift);
    const end = reached(`${before}${value}, and more words behind`);
    expect(end).toBeLessThanOrEqual(before.length + at);
    expect(before.length + at - end).toBeLessThanOrEqual(16);
  }
});

test.each([
  ['in a word', 'word1 and more words behind', 3, 4],
  ['behind a word', 'word-12 and more words behind', 4, 5],
  ['behind a word and a hyphen', 'word-12 and more words behind', 5, 5],
])('it knows what stands before the place that it begins at: %s', (_name, value, from, at) => {
  expect(reached(value, from)).toBeLessThanOrEqual(at);
});

const PIECES: readonly string[] = [
  ...'0 1 7 12 123 1234 123456 1234567 0.25 -0.5 1.5e10 12.3456789 123456.123456789 1.2345678-555-1234 8.800.555'.split(
    ' ',
  ),
  ...'a word x- v1 N_j 2ce98db54 : :: , . - -- + @ = ( ) / " \' % [ ] é \u3002 \u00a0 \u2011 中 😀'.split(' '),
  ...[
    'jane.roe@portcullis.dev',
    '+44 20 7946 0958',
    '123-45-6789',
    '4012 8888 8888 1881',
    '10.20.30.40',
    '2001:db8::1',
  ],
  ...['GB33BUKB20201555555555', 'glpat-aB3dE6gH9jK2mN5pQ8sT', 'ip6:::1', '12345678Z', 'name-1234-5678', '190315-123A'],
  ...['AKIAQWERTYUIOPASDFG2', 'glpat-abcdefghijklmnop-1234', 'sk_live_abcdefghijklmnopqrstuvw1', 'a1b-'],
  ...[' ', ' ', ', ', ': ', '\n'],
];
const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((parts) => parts.join(''));

test('what is found is what a search finds that looks at every character', () => {
  fc.assert(
    fc.property(fc.constantFrom(...PLANS), text, (plan, value) => {
      expect(scanText(value, plan).list).toEqual(scanText(value, watchful(plan)).list);
    }),
    { numRuns: 2_000 },
  );
});
