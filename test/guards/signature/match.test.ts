import { expect, test } from 'vitest';
import type { KeyAlgorithm, RingKey } from '../../../src/guards/signature/key-ring.ts';
import { matchSignature, type SignedInput } from '../../../src/guards/signature/match.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

interface Attempt {
  readonly key: string;
  readonly message: string;
}

/** A key that notes what it is asked and says yes to the messages given. */
function fakeKey(id: string, alg: KeyAlgorithm, fits: readonly string[], attempts: Attempt[]): RingKey {
  return {
    id,
    alg,
    notBefore: -Infinity,
    notAfter: Infinity,
    async verify(_signature, message) {
      const asText = new TextDecoder().decode(message);
      attempts.push({ key: id, message: asText });
      return fits.includes(asText);
    },
  };
}

const INPUTS: readonly SignedInput[] = [
  { profile: 'p1', hmac: text('one'), ed25519: text('same') },
  { profile: 'p2', hmac: text('two'), ed25519: text('same') },
];

test('tries every key on every input, also behind one that fits, and takes the first', async () => {
  const attempts: Attempt[] = [];
  const keys = [
    fakeKey('a', 'hmac', ['two'], attempts),
    fakeKey('b', 'hmac', ['one', 'two'], attempts),
    fakeKey('c', 'hmac', [], attempts),
  ];
  expect(await matchSignature(keys, INPUTS, new Uint8Array(32))).toEqual({ keyId: 'a', profile: 'p2' });
  expect(attempts).toEqual(['a', 'b', 'c'].flatMap((key) => ['one', 'two'].map((message) => ({ key, message }))));
});

test('the same bytes are tried once, under the first profile', async () => {
  const attempts: Attempt[] = [];
  const keys = [fakeKey('a', 'ed25519', ['same'], attempts)];
  expect(await matchSignature(keys, INPUTS, new Uint8Array(64))).toEqual({ keyId: 'a', profile: 'p1' });
  expect(attempts).toHaveLength(1);
});

test('a signature is tried only on keys whose signatures have its length', async () => {
  const attempts: Attempt[] = [];
  const keys = [fakeKey('h', 'hmac', ['one'], attempts), fakeKey('e', 'ed25519', ['same'], attempts)];
  expect(await matchSignature(keys, INPUTS, new Uint8Array(64))).toEqual({ keyId: 'e', profile: 'p1' });
  expect(await matchSignature(keys, INPUTS, new Uint8Array(16))).toBeUndefined();
  expect(attempts).toEqual([{ key: 'e', message: 'same' }]);
});

test('no keys or no inputs: nothing fits', async () => {
  expect(await matchSignature([], INPUTS, new Uint8Array(32))).toBeUndefined();
  expect(await matchSignature([fakeKey('a', 'hmac', ['one'], [])], [], new Uint8Array(32))).toBeUndefined();
});
