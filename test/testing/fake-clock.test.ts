import { expect, test } from 'vitest';
import { createFakeClock } from '../../src/testing/fake-clock.ts';

test('timers run when they fall due, in order, at their time; cancelled ones do not', () => {
  const clock = createFakeClock(1_000);
  const ran: string[] = [];
  clock.after(20, () => ran.push(`b at ${clock.now()}`));
  clock.after(10, () => {
    ran.push(`a at ${clock.now()}`);
    clock.after(5, () => ran.push(`nested at ${clock.now()}`));
  });
  const cancel = clock.after(15, () => ran.push('never'));
  cancel();
  clock.advance(9);
  expect(ran).toEqual([]);
  clock.advance(11);
  expect(ran).toEqual(['a at 1010', 'nested at 1015', 'b at 1020']);
  expect([clock.now(), clock.elapsed()]).toEqual([1_020, 20]);
});
