import { expect, it } from 'vitest';
import { required } from '../../../src/guards/sanity/required.ts';
import { keeps } from './inspect.ts';

it.each([
  ['{"a":1}', true],
  ['{"a":null}', true],
  ['{"a":false}', true],
  ['{"a":""}', true],
  ['{}', false],
  ['{"A":1}', false],
  ['[]', false],
  ['null', false],
  ['"a"', false],
])('%s is kept: %s', async (body, kept) => {
  expect(await keeps(required('/a'), body)).toBe(kept);
});

it('is not fooled by the prototype', async () => {
  expect(await keeps(required('/toString'), '{}')).toBe(false);
  expect(await keeps(required('/user/name'), '{"__proto__":{"user":{"name":1}}}')).toBe(false);
});
