import { expect, test } from 'vitest';
import { lazy } from '../src/lazy.ts';

test('it is made when it is first asked for, once, and after a failure again', () => {
  let calls = 0;
  const made = lazy(() => {
    calls++;
    if (calls === 1) throw new Error('not yet');
    return { calls };
  });
  expect(calls).toBe(0);
  expect(made).toThrow('not yet');
  expect(made()).toEqual({ calls: 2 });
  expect(made()).toBe(made());
  expect(calls).toBe(2);
});
