import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { createGate } from '../../../src/gate.ts';
import type { Verdict } from '../../../src/guard.ts';
import { bounds } from '../../../src/guards/sanity/bounds.ts';
import { format } from '../../../src/guards/sanity/format.ts';
import { MAX_RULES, MAX_SANITY_FINDINGS, type SanityOptions, sanity } from '../../../src/guards/sanity/guard.ts';
import { monotonic } from '../../../src/guards/sanity/monotonic.ts';
import { relation } from '../../../src/guards/sanity/relation.ts';
import { required } from '../../../src/guards/sanity/required.ts';
import type { OnViolation, Rule } from '../../../src/guards/sanity/rule.ts';
import { buildExchange } from '../../../src/testing.ts';
import { inspect } from './inspect.ts';

const broken = (name: string, onViolation: OnViolation): Rule => relation(name, ['/a'], () => false, { onViolation });

describe('the verdict', () => {
  const deny = broken('d', 'deny');
  const escalate = broken('e', 'escalate');
  const flag = broken('f', 'flag');
  const fine = relation('fine', ['/a'], () => true);

  it.each<[string, readonly Rule[], Verdict['kind'], readonly string[]]>([
    ['nothing', [], 'pass', []],
    ['nothing violated', [fine], 'pass', []],
    ['a flag', [fine, flag], 'flag', ['f']],
    ['flag and escalate', [flag, escalate, fine], 'escalate', ['e', 'f']],
    ['all three', [flag, escalate, deny], 'deny', ['d', 'e', 'f']],
  ])('of %s is the strictest', async (_what, rules, kind, ids) => {
    const verdict = await inspect({ rules }, { body: { a: 1 } });
    expect(verdict.kind).toBe(kind);
    expect((verdict.findings ?? []).map(({ rule }) => rule)).toEqual(ids.map((id) => `sanity/${id}`));
  });

  it('has the code of the first violated rule of that strictness', async () => {
    const rules = [
      required('/b', { onViolation: 'flag', code: 'PTC_D503' }),
      required('/b', { onViolation: 'escalate', code: 'PTC_D504' }),
      required('/b', { onViolation: 'escalate', code: 'PTC_D502' }),
    ];
    expect(await inspect({ rules }, { body: {} })).toMatchObject({ kind: 'escalate', code: 'PTC_D504' });
  });

  it('bounds its findings and still names the strictest rule', async () => {
    const flags = Array.from({ length: MAX_RULES - 1 }, (_, i) => broken(`f${i}`, 'flag'));
    const verdict = await inspect({ rules: [...flags, broken('last', 'deny')] }, { body: { a: 1 } });
    expect(verdict.kind).toBe('deny');
    expect(verdict.findings).toHaveLength(MAX_SANITY_FINDINGS);
    expect(verdict.findings?.[0]?.rule).toBe('sanity/last');
  });

  it('never holds a key or a value of the request', async () => {
    const rules = [
      bounds('/secret-holder', { of: 'items', min: 0, max: 1 }),
      format('/id', 'uuid'),
      monotonic('/series', { direction: 'increasing' }),
    ];
    const body = { 'secret-holder': { 'canary-key': 99 }, id: 'canary-value', series: { 'canary-key': 1 } };
    const verdict = await inspect({ rules }, { body });
    expect(verdict.findings).toHaveLength(3);
    expect(JSON.stringify(verdict)).not.toContain('canary');
  });
});

describe('a body that is not JSON', () => {
  const rules = [required('/a', { onViolation: 'flag' })];
  it.each<[string, string | Uint8Array, string]>([
    ['malformed', '{"a":', 'PTC_D105'],
    ['empty', '', 'PTC_D105'],
    ['not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'PTC_D106'],
    ['with a key twice', '{"a":1,"a":2}', 'PTC_D107'],
    ['too deep', `${'['.repeat(33)}${']'.repeat(33)}`, 'PTC_D108'],
  ])('%s is denied, or passes where JSON is not required', async (_what, body, code) => {
    expect(await inspect({ rules }, { body })).toEqual({ kind: 'deny', code });
    expect(await inspect({ rules, requireJson: false }, { body })).toEqual({ kind: 'pass' });
  });

  it.each(['GET', 'HEAD', 'OPTIONS', 'DELETE'])('passes on %s only if there is no body', async (method) => {
    expect(await inspect({ rules }, { method, body: '' })).toEqual({ kind: 'pass' });
    expect((await inspect({ rules }, { method, body: '{' })).kind).toBe('deny');
    expect((await inspect({ rules }, { method, body: '{}' })).kind).toBe('flag');
  });
});

describe('rules by tenant', () => {
  const strict = [bounds('/a', { max: 1 })];
  const lax = [bounds('/a', { max: 100 })];
  const rules = (tenant: string | undefined): readonly Rule[] => (tenant === 'strict' ? strict : lax);

  it('apply to the tenant', async () => {
    expect((await inspect({ rules }, { body: { a: 5 } }, { tenant: 'strict' })).kind).toBe('escalate');
    expect((await inspect({ rules }, { body: { a: 5 } }, { tenant: 'other' })).kind).toBe('pass');
    expect((await inspect({ rules }, { body: { a: 5 } })).kind).toBe('pass');
  });

  it('that are not valid are a failure of the guard, closed', async () => {
    const gate = createGate({
      guards: [sanity({ rules: () => 'no rules' as never })],
      stages: { sanity: 'enforce' },
    });
    expect(await gate.inspect(buildExchange({ body: {} }))).toMatchObject({ status: 503, code: 'PTC_D801' });
  });
});

it('a predicate that throws is the gate’s to contain', async () => {
  const rules = [
    relation('throws', ['/a'], () => {
      throw new Error('no');
    }),
  ];
  const gate = createGate({ guards: [sanity({ rules })], stages: { sanity: 'enforce' } });
  expect(await gate.inspect(buildExchange({ body: { a: 1 } }))).toMatchObject({ status: 503, code: 'PTC_D801' });
  expect(await gate.inspect(buildExchange({ body: {} }))).toMatchObject({ outcome: 'allow' });
});

it('built-in rules take any JSON without throwing', async () => {
  const rules = ['', '/a', '/0', '/a/b'].flatMap((pointer) => [
    required(pointer),
    bounds(pointer, { min: 0, max: 1, convert: Math.round }),
    bounds(pointer, { of: 'items', integer: true }),
    bounds(pointer, { of: 'length', max: 3 }),
    format(pointer, 'rfc3339'),
    format(pointer, /^a+$/),
    monotonic(pointer, { direction: 'increasing' }),
    monotonic(pointer, { direction: 'decreasing', keys: '/a' }),
  ]);
  await fc.assert(
    fc.asyncProperty(fc.json(), async (body) => {
      expect(['pass', 'escalate', 'deny']).toContain((await inspect({ rules }, { body })).kind);
    }),
  );
});

describe('options', () => {
  it('give the guard its name and failure mode', () => {
    expect(sanity({ rules: [] })).toMatchObject({ name: 'sanity', reads: 'body', onError: 'closed' });
    expect(sanity({ rules: [], name: 'orders', onError: 'open' })).toMatchObject({ name: 'orders', onError: 'open' });
  });

  it.each<[unknown, RegExp]>([
    [undefined, /PTC_E001.*sanity\.rules/],
    [{}, /PTC_E001.*sanity\.rules/],
    [{ rules: 'x' }, /PTC_E002.*sanity\.rules/],
    [{ rules: new Array(MAX_RULES + 1).fill(required('/a')) }, /PTC_E002.*sanity\.rules/],
    [{ rules: [required('/a'), {}] }, /PTC_E002.*sanity\.rules\[1\]\.id/],
    [{ rules: [], requireJson: 1 }, /PTC_E002.*sanity\.requireJson/],
    [{ rules: [], rule: 1 }, /PTC_E004.*sanity\.rule/],
    [{ rules: [], name: 'Not A Name' }, /PTC_E002.*guard\.name/],
  ])('%# are refused', (options, message) => {
    expect(() => sanity(options as SanityOptions)).toThrow(message);
    expect(() => sanity(options as SanityOptions)).toThrow(ConfigError);
  });
});
