import { expect, test } from 'vitest';
import { re2js } from '../../../../src/guards/pii/custom/re2js.ts';
import { applyPatches } from '../../../../src/patch.ts';
import { type PiiOptions, pii } from '../../../../src/pii.ts';
import { buildExchange } from '../../../../src/testing.ts';

const CUSTOM = {
  patterns: [
    { name: 'employee-id', pattern: 'EMP-\\d{6}' },
    { name: 'pin', pattern: '\\b\\d{2}\\b' },
  ],
  engine: re2js(),
};

async function verdictOf(options: PiiOptions, body: string) {
  const exchange = buildExchange({ body });
  await exchange.loadBody();
  const context = { tenant: undefined, now: 0, decisionId: 'test', facts: {}, currentBody: () => new Uint8Array() };
  return { exchange, verdict: await pii({ ...CUSTOM, ...options }).inspect(exchange, context) };
}

test('redaction leaves the pattern’s label, in JSON and in other text', async () => {
  for (const [body, after] of [
    ['{"a":"\\u0045MP-123456 😀 12"}', '{"a":"[REDACTED_EMPLOYEE_ID] 😀 [REDACTED_PIN]"}'],
    ['EMP-123456 and 12', '[REDACTED_EMPLOYEE_ID] and [REDACTED_PIN]'],
  ] as const) {
    const { exchange, verdict } = await verdictOf({ mode: 'redact' }, body);
    if (verdict.kind !== 'redact') throw new Error(`verdict is ${verdict.kind}`);
    expect(applyPatches(exchange.text() ?? '', verdict.patches)).toBe(after);
  }
});

test('short values and short numbers are scanned', async () => {
  expect((await verdictOf({ mode: 'block' }, '{"a":"12"}')).verdict.kind).toBe('deny');
  expect((await verdictOf({ mode: 'block', numbers: true }, '{"a":12}')).verdict.kind).toBe('deny');
  expect((await verdictOf({ mode: 'block', numbers: true }, '{"a":1}')).verdict.kind).toBe('pass');
});

test('a pointer shows no custom value that is a key', async () => {
  const { verdict } = await verdictOf({ keys: true }, '{"EMP-123456":"x"}');
  expect(JSON.stringify(verdict)).toContain('/[REDACTED_EMPLOYEE_ID]');
  expect(JSON.stringify(verdict)).not.toContain('123456');
});
