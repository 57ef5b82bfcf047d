import { expect, it } from 'vitest';
import { tenantStates } from '../../../src/guards/anomaly/tenants.ts';

it('forgets the tenant that was touched least recently', () => {
  const states = tenantStates(() => ({ count: 0 }), 2);
  states.touch('a').count = 1;
  states.touch('b').count = 2;
  states.touch('a');
  states.touch('c').count = 3;
  expect(states.size).toBe(2);
  expect(states.peek('a')?.count).toBe(1);
  expect(states.peek('b')).toBeUndefined();
  expect(states.peek('c')?.count).toBe(3);
});

it('makes nothing by looking', () => {
  const states = tenantStates(() => 1);
  expect(states.peek('a')).toBeUndefined();
  expect(states.size).toBe(0);
});

it('forgets on demand', () => {
  const states = tenantStates(() => ({}));
  states.touch('a');
  states.forget('a');
  expect(states.size).toBe(0);
});

it('keeps nobody apart from a tenant without a name, and any name apart from another', () => {
  const states = tenantStates(() => ({}));
  const names = [undefined, '', 'undefined', '__proto__', 'constructor', '='];
  expect(new Set(names.map((name) => states.touch(name))).size).toBe(names.length);
  expect(states.size).toBe(names.length);
});
