import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyPart } from '../../../gateway/redis/key.ts';

test('a tenant and an id stay readable', () => {
  expect(keyPart('acme|12ab')).toBe('acme%7C12ab');
});

test('different names never give the same part, and no part holds what divides keys', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({
      unit: fc.constantFrom('\ud800', '\udc00', '%', '#', 'a', '7', 'C', '|', '{', '}', ':', ' ', '\n', '\0', '*'),
    }),
    fc.string({ minLength: 195, maxLength: 205, unit: fc.constantFrom('x', 'é') }),
  );
  fc.assert(
    fc.property(name, name, (one, other) => {
      expect(keyPart(one)).toMatch(/^(?:[\w.!~*'()%-]*|#[0-9a-f]{64})$/);
      expect(keyPart(one).length).toBeLessThanOrEqual(200);
      expect(keyPart(one) === keyPart(other)).toBe(one === other);
    }),
    { numRuns: 2_000 },
  );
});
