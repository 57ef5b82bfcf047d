import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../../src/errors.ts';
import { createGate } from '../../../../src/gate.ts';
import type { CustomEngine } from '../../../../src/guards/pii/custom/engine.ts';
import { PatternFailure } from '../../../../src/guards/pii/custom/engine.ts';
import { type CustomPattern, MAX_PATTERNS } from '../../../../src/guards/pii/custom/patterns.ts';
import { re2Wasm } from '../../../../src/guards/pii/custom/re2-wasm.ts';
import { re2js } from '../../../../src/guards/pii/custom/re2js.ts';
import { createRedactor, createScanner, pii, type ScannerOptions } from '../../../../src/pii.ts';
import { buildExchange } from '../../../../src/testing.ts';

const EMPLOYEE: CustomPattern = { name: 'employee-id', pattern: 'EMP-\\d{6}' };
const engine = re2js();

function scanner(patterns: readonly CustomPattern[], options: ScannerOptions = {}) {
  return createScanner({ types: ['email'], patterns, engine, ...options });
}

function refusal(patterns: unknown, options: object = {}): ConfigError {
  try {
    createScanner({ patterns, engine, ...options } as ScannerOptions);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('accepted');
}

describe.each([engine, re2Wasm()])('with $name', (each) => {
  test('custom findings stand among the others', () => {
    const { scan, redact } = createScanner({ types: ['email'], patterns: [EMPLOYEE], engine: each });
    const text = '😀 EMP-123456, jane@example.org, EMP-12345';
    expect(scan(text)).toEqual([
      expect.objectContaining({ type: 'custom', rule: 'pii/custom/employee-id', start: 3, end: 13, confidence: 0.8 }),
      expect.objectContaining({ type: 'email', start: 15, end: 31 }),
    ]);
    expect(redact(text).text).toBe('😀 [REDACTED_EMPLOYEE_ID], [REDACTED_EMAIL], EMP-12345');
  });

  test('percent-encoding and full-width digits hide nothing', () => {
    const { scan } = createScanner({ types: ['email'], patterns: [EMPLOYEE], engine: each });
    expect(scan('x EMP%2D123456')).toMatchObject([{ start: 2, end: 14 }]);
    expect(scan('x EMP-１２３４５６')).toMatchObject([{ start: 2, end: 12 }]);
  });
});

test('of values that overlap, the longer counts; of equal ones, the built-in', () => {
  const whole = scanner([{ name: 'line', pattern: 'id=\\S+' }]);
  expect(whole.redact('id=jane@example.org').text).toBe('[REDACTED_LINE]');
  const part = scanner([{ name: 'host', pattern: 'example' }]);
  expect(part.redact('jane@example.org').text).toBe('[REDACTED_EMAIL]');
  const same = scanner([{ name: 'mine', pattern: '[a-z]+@[a-z.]+' }]);
  expect(same.redact('jane@example.org').text).toBe('[REDACTED_EMAIL]');
  const two = scanner([
    { name: 'short', pattern: 'A\\d{2}' },
    { name: 'long', pattern: 'A\\d{4}' },
  ]);
  expect(two.redact('A1234').text).toBe('[REDACTED_LONG]');
});

test('a label is no match, nor a part of it', () => {
  const { redact } = scanner([{ name: 'bank', pattern: '[A-Z]{8}' }]);
  const once = redact('ABCDEFGH jane@example.org').text;
  expect(once).toBe('[REDACTED_BANK] [REDACTED_EMAIL]');
  expect(redact(once).text).toBe(once);
  expect(redact('[REDACTED_ABCDEFGH]').text).toBe('[[REDACTED_BANK]_[REDACTED_BANK]]');
});

test('allow-lists, thresholds and context count', () => {
  expect(scanner([EMPLOYEE], { allow: { values: ['EMP-000000'] } }).scan('EMP-000000 EMP-000001')).toHaveLength(1);
  expect(scanner([EMPLOYEE], { threshold: 0.9 }).scan('EMP-123456')).toEqual([]);
  const weak = scanner([
    {
      name: 'badge',
      pattern: '\\d{6}',
      confidence: 0.2,
      threshold: 0.5,
      context: { words: ['badge'], confidence: 0.9 },
    },
  ]);
  expect(weak.scan('order 123456')).toEqual([]);
  expect(weak.scan('badge 123456')).toMatchObject([{ confidence: 0.9 }]);
  expect(weak.scan('123456', { key: 'badgeNumber' })).toMatchObject([{ confidence: 0.9 }]);
});

test('a label of its own', () => {
  expect(scanner([{ ...EMPLOYEE, label: 'STAFF' }]).redact('EMP-123456').text).toBe('[REDACTED_STAFF]');
});

describe('refused', () => {
  test.each([
    ['(?=x)EMP', 'look-around'],
    ['(EMP)\\1', 'back-references'],
    ['a*', 'empty text'],
    ['\\b', 'empty text'],
    ['\\pL{50}', 'too large'],
    ['[ab]{0,40}a[ab]{20}x', 'too many ways'],
    ['a'.repeat(1_001), '1000 characters'],
    ['', '1000 characters'],
  ])('%s', (pattern, reason) => {
    const error = refusal([{ name: 'employee-id', pattern }]);
    expect(error.option).toBe('scanner.patterns.employee-id.pattern');
    expect(error.message).toContain(reason);
    if (pattern !== '') expect(error.message).not.toContain(pattern);
  });

  test.each<[string, unknown, string]>([
    ['no array', {}, 'scanner.patterns'],
    ['too many', Array.from({ length: MAX_PATTERNS + 1 }, () => EMPLOYEE), 'scanner.patterns'],
    ['no name', [{ pattern: 'a' }], 'scanner.patterns[0].name'],
    ['a name with capitals', [{ name: 'Employee', pattern: 'a' }], 'scanner.patterns[0].name'],
    ['one name twice', [EMPLOYEE, EMPLOYEE], 'scanner.patterns.employee-id'],
    ['a pattern that is none', [{ name: 'a', pattern: /a/ }], 'scanner.patterns.a.pattern'],
    ['unknown flags', [{ ...EMPLOYEE, flags: 'g' }], 'scanner.patterns.employee-id.flags'],
    ['a label with digits', [{ ...EMPLOYEE, label: 'A1' }], 'scanner.patterns.employee-id.label'],
    ['confidence over 1', [{ ...EMPLOYEE, confidence: 2 }], 'scanner.patterns.employee-id.confidence'],
    [
      'context without words',
      [{ ...EMPLOYEE, context: { words: [], confidence: 1 } }],
      'scanner.patterns.employee-id.context',
    ],
    ['an unknown member', [{ ...EMPLOYEE, regex: 'a' }], 'scanner.patterns[0].regex'],
  ])('%s', (_, patterns, option) => {
    expect(refusal(patterns).option).toBe(option);
  });

  test('patterns without an engine', () => {
    expect(refusal([EMPLOYEE], { engine: undefined }).message).toContain('portcullis/pii-re2');
    expect(refusal([EMPLOYEE], { engine: {} }).code).toBe('PTC_E002');
  });

  test('streams, for now', () => {
    // @ts-expect-error: its options have no such members.
    expect(() => createRedactor({ patterns: [EMPLOYEE], engine })).toThrow(ConfigError);
  });

  test('what an engine says is not shown', () => {
    const strict: CustomEngine = {
      name: 'strict',
      compile() {
        throw new SyntaxError('bad: EMP');
      },
    };
    const { message } = refusal([EMPLOYEE], { engine: strict });
    expect(message).toContain('the engine refuses it');
    expect(message).not.toContain('EMP');
  });
});

describe('in the guard', () => {
  const BODY = JSON.stringify({ note: 'EMP-123456 and X-99' });

  async function kinds(guard: ReturnType<typeof pii>, tenant: string | undefined): Promise<unknown> {
    const exchange = buildExchange({ body: BODY });
    await exchange.loadBody();
    const context = { tenant, now: 0, decisionId: 'test', facts: {}, currentBody: () => new Uint8Array() };
    const verdict = await guard.inspect(exchange, context);
    return 'findings' in verdict ? verdict.findings?.map(({ rule }) => rule) : verdict.kind;
  }

  test('patterns are the tenant’s', async () => {
    const acme = { patterns: [{ name: 'acme', pattern: 'X-\\d+' }] };
    const guard = pii({
      patterns: [EMPLOYEE],
      engine,
      policy: (tenant) => (tenant === 'acme' ? acme : tenant === 'none' ? { patterns: [] } : undefined),
    });
    expect(await kinds(guard, undefined)).toEqual(['pii/custom/employee-id']);
    expect(await kinds(guard, 'acme')).toEqual(['pii/custom/acme']);
    expect(await kinds(guard, 'none')).toBe('pass');
  });

  test('a pattern that cannot be run is a failed check, not a clean text', async () => {
    const failing: CustomEngine = {
      name: 'failing',
      compile: () => ({
        find() {
          throw new PatternFailure('gone');
        },
      }),
    };
    const guard = pii({ mode: 'block', patterns: [EMPLOYEE], engine: failing });
    const gate = createGate({ guards: [guard], stages: { pii: 'enforce' } });
    const decision = await gate.inspect(buildExchange({ body: BODY }));
    expect(decision).toMatchObject({ outcome: 'deny', code: 'PTC_D801', status: 503 });
  });

  test('errors name the guard', () => {
    expect(() => pii({ patterns: [{ name: 'bad', pattern: '(?=a)' }], engine })).toThrow('pii.patterns.bad.pattern');
  });
});
