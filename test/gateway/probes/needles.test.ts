import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { looksSecret, needlesOf, newFinder } from '../../../gateway/probes/needles.ts';

const VALUE = 'a "key"/of+32?';

test.each([
  ['text', VALUE],
  ['JSON', 'a \\"key\\"/of+32?'],
  ['percent-encoded', 'a%20%22key%22%2Fof%2B32%3F'],
  // Written with printf and base64.
  ['base64', 'YSAia2V5Ii9vZiszMj'],
  ['base64, one byte later', 'EgImtleSIvb2YrMzI/'],
  ['base64url, one byte later', 'EgImtleSIvb2YrMzI_'],
  ['base64, two bytes later', 'hICJrZXkiL29mKzMyP'],
  ['hex', '6120226b6579222f6f662b33323f'],
])('a secret is found as %s', (_what, form) => {
  const find = newFinder(needlesOf([{ name: 'it', value: VALUE }]));
  expect([...find(`before ${form} behind`)]).toEqual(['it']);
  expect([...find(`before ${form.slice(1, -1)}`)]).toEqual([]);
});

test('all that are in a text are found, and no other: as searching for one after the other would', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '\u00e4', '\u{1F600}'), minLength: 4, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 20 }), fc.array(letters, { maxLength: 30 }), (values, parts) => {
      const secrets = values.map((value, at) => ({ name: String(at), value }));
      const text = parts.join('');
      const expected = secrets.filter(({ value }) => value.length >= 8 && text.includes(value)).map(({ name }) => name);
      expect([...newFinder(needlesOf(secrets))(text)].sort()).toEqual(expected.sort());
    }),
  );
});

test('bytes are found in what they are encoded as, whatever stands before them', () => {
  const value = Buffer.from('0123456789abcdef0123456789abcdef', 'hex');
  const find = newFinder(needlesOf([{ name: 'seed', value }]));
  for (const before of [0, 1, 2, 3]) {
    const text = Buffer.concat([Buffer.alloc(before, 1), value]).toString('base64url');
    expect([...find(text)]).toEqual(['seed']);
  }
});

test.each([
  ['a token', `ptc_${'x'.repeat(43)}`, true],
  ['a token in a sentence', `(ptc_${'x'.repeat(43)}),`, true],
  ['one that is too long', `ptc_${'x'.repeat(44)}`, false],
  ['the end of another word', `aptc_${'x'.repeat(43)}`, false],
  ['a verifier key, which is public', 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW', false],
  ['a key in PEM', '-----BEGIN PRIVATE KEY-----', true],
  ['a connection string without a password', 'postgres://user@host/database', false],
])('by its looks: %s', (_what, text, looks) => {
  expect(looksSecret(text)).toBe(looks);
});
