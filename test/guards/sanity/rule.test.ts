import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { required } from '../../../src/guards/sanity/required.ts';
import { defineRule, type Rule } from '../../../src/guards/sanity/rule.ts';

const GOOD: Rule = {
  id: 'orders/even',
  pointers: ['/count'],
  onViolation: 'escalate',
  code: 'PTC_D412',
  absent: 'passes',
  holds: () => true,
};

describe('defineRule', () => {
  it('returns a frozen copy', () => {
    const rule = defineRule(GOOD);
    expect(rule).toEqual(GOOD);
    expect(Object.isFrozen(rule)).toBe(true);
    expect(Object.isFrozen(rule.pointers)).toBe(true);
  });

  it.each<[string, Partial<Record<keyof Rule, unknown>>]>([
    ['id', { id: 'no-family' }],
    ['id', { id: 'Upper/case' }],
    ['id', { id: undefined }],
    ['pointers', { pointers: [] }],
    ['pointers', { pointers: '/count' }],
    ['pointers', { pointers: new Array(17).fill('/a') }],
    ['pointer', { pointers: ['count'] }],
    ['onViolation', { onViolation: 'throttle' }],
    ['code', { code: 'PTC_D999' }],
    ['code', { code: 'toString' }],
    ['absent', { absent: 'holds' }],
    ['holds', { holds: true }],
  ])('refuses a bad %s: %j', (option, wrong) => {
    expect(() => defineRule({ ...GOOD, ...wrong } as Rule, 'here')).toThrow(
      expect.objectContaining({ name: 'ConfigError', option: `here.${option}` }),
    );
  });

  it('refuses a code whose status would answer something else', () => {
    expect(() => defineRule({ ...GOOD, onViolation: 'deny', code: 'PTC_D412' })).toThrow(/400 or more/);
    expect(() => defineRule({ ...GOOD, onViolation: 'escalate', code: 'PTC_D411' })).toThrow(/status 202/);
    expect(defineRule({ ...GOOD, onViolation: 'flag', code: 'PTC_D411' }).code).toBe('PTC_D411');
  });

  it.each([null, undefined, 'rule'])('refuses %j', (rule) => {
    expect(() => defineRule(rule as unknown as Rule)).toThrow(ConfigError);
  });
});

describe('rule options of every builder', () => {
  it('give a bare id the family sanity', () => {
    expect(required('/a', { id: 'name' }).id).toBe('sanity/name');
    expect(required('/a', { id: 'orders/name' }).id).toBe('orders/name');
    expect(required('/a').id).toBe('sanity/required');
  });

  it('choose the code by what a violation means', () => {
    expect(required('/a')).toMatchObject({ onViolation: 'deny', code: 'PTC_D411' });
    expect(required('/a', { onViolation: 'escalate' }).code).toBe('PTC_D412');
    expect(required('/a', { onViolation: 'flag' }).code).toBe('PTC_D412');
    expect(required('/a', { code: 'PTC_D401' }).code).toBe('PTC_D401');
  });

  it('are checked', () => {
    expect(() => required('/a', { onviolation: 'deny' } as object)).toThrow(/PTC_E004.*required\.onviolation/);
    expect(() => required('/a', null as unknown as object)).toThrow(/PTC_E002.*required\.options/);
    expect(() => required('/a', { id: 7 } as unknown as object)).toThrow(/PTC_E002.*required\.id/);
  });
});
