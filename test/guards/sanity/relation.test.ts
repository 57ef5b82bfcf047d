import { describe, expect, it } from 'vitest';
import { relation } from '../../../src/guards/sanity/relation.ts';
import { inspect, keeps } from './inspect.ts';

const later = relation('ends-after-start', ['/end', '/start'], (end, start) => Number(end) >= Number(start));

describe('relation', () => {
  it('gives the predicate the values in the order of the pointers', async () => {
    expect(await keeps(later, { start: 1, end: 2 })).toBe(true);
    expect(await keeps(later, { start: 2, end: 1 })).toBe(false);
  });

  it('is not asked where a value is absent', async () => {
    expect(await keeps(later, { start: 2 })).toBe(true);
    expect(await keeps(later, { end: 0 })).toBe(true);
  });

  it('escalates by default and reports the first pointer', async () => {
    expect(await inspect({ rules: [later] }, { body: { start: 2, end: 1 } })).toEqual({
      kind: 'escalate',
      code: 'PTC_D412',
      findings: [{ rule: 'sanity/ends-after-start', place: { in: 'body', pointer: '/end' }, score: 0.8 }],
    });
  });

  it('checks its arguments', () => {
    expect(() => relation('x', ['/a'], undefined as never)).toThrow(/PTC_E001.*relation\.predicate/);
    expect(() => relation('Bad Id', ['/a'], () => true)).toThrow(/PTC_E003.*relation\.id/);
    expect(() => relation('x', [], () => true)).toThrow(/PTC_E002.*relation\.pointers/);
    expect(() => relation('x', ['a'], () => true)).toThrow(/PTC_E003.*relation\.pointer/);
  });
});
