import { expect, test } from 'vitest';
import { createScanner, DEFAULT_PII_TYPES, labelOf, PII_TYPES, type PiiType } from '../../../src/pii.ts';
import { readCases } from './corpus.ts';

const all = createScanner({ types: PII_TYPES });
const values = (text: string) => all.scan(text).map(({ type, start, end }) => [type, text.slice(start, end)]);

test.each(readCases('benign'))('$text holds nothing of any type', ({ text }) => {
  expect(all.scan(text)).toEqual([]);
});

test('addresses of machines are looked for on demand only', () => {
  expect(DEFAULT_PII_TYPES).toEqual(['credit_card', 'iban', 'secret', 'ssn', 'email', 'phone']);
  expect(createScanner().scan('192.168.1.1')).toEqual([]);
  expect(createScanner({ types: ['ip_address'] }).scan('192.168.1.1 a@example.com')).toHaveLength(1);
});

test('the longest of overlapping values counts', () => {
  expect(values('555-123-4567@example.com')).toEqual([['email', '555-123-4567@example.com']]);
  expect(values('123-45-6789@example.com')).toEqual([['email', '123-45-6789@example.com']]);
  expect(values('4111 1111 1111 1111@x.co')).toEqual([['credit_card', '4111 1111 1111 1111']]);
  expect(values('4111 1111 1111 1111.bob@x.co')).toEqual([
    ['credit_card', '4111 1111 1111 1111'],
    ['email', 'bob@x.co'],
  ]);
});

test('what a longer value leaves uncovered is looked at again', () => {
  // The e-mail address takes the last group of the telephone number, which ends sooner then.
  expect(values('+49 30 123456 7890.a.very.long.local.part@example.com')).toEqual([
    ['phone', '+49 30 123456'],
    ['email', '7890.a.very.long.local.part@example.com'],
  ]);
});

test('of two values in one place, the more specific counts', () => {
  expect(values('012 34 5678')).toEqual([['ssn', '012 34 5678']]);
  expect(createScanner({ types: ['phone'] }).scan('012 34 5678')).toHaveLength(1);
});

test('neighbours do not hide each other', () => {
  expect(values('alice@example.com 415-555-2671 123-45-6789 4111111111111111 10.0.0.1')).toEqual([
    ['email', 'alice@example.com'],
    ['phone', '415-555-2671'],
    ['ssn', '123-45-6789'],
    ['credit_card', '4111111111111111'],
    ['ip_address', '10.0.0.1'],
  ]);
});

test('redaction names the type and nothing else', () => {
  const { text, findings } = all.redact('Mail alice@example.com or call (415) 555-2671 from 10.0.0.1 😀 123-45-6789');
  expect(text).toBe('Mail [REDACTED_EMAIL] or call [REDACTED_PHONE] from [REDACTED_IP_ADDRESS] 😀 [REDACTED_SSN]');
  expect(findings.map(({ start, end }) => [start, end])).toEqual([
    [5, 22],
    [31, 45],
    [51, 59],
    [63, 74],
  ]);
  expect(all.redact('4111111111111111').text).toBe('[REDACTED_CREDIT_CARD]');
  expect(PII_TYPES.map(labelOf).join()).not.toMatch(/[^A-Z_[\],]/);
});

test('allowed values and domains are let be', () => {
  const scanner = createScanner({
    allow: { values: ['Support@Example.com', '415-555-2671'], domains: ['Example.ORG'] },
  });
  expect(scanner.redact('SUPPORT@example.com bob@example.com 415-555-2671 415-555-2672').text).toBe(
    'SUPPORT@example.com [REDACTED_EMAIL] 415-555-2671 [REDACTED_PHONE]',
  );
  expect(scanner.redact('a@EXAMPLE.org a@mail.example.org a@notexample.org a@example.org.uk').text).toBe(
    'a@EXAMPLE.org [REDACTED_EMAIL] [REDACTED_EMAIL] [REDACTED_EMAIL]',
  );
});

test('a domain that is allowed allows no telephone number', () => {
  const scanner = createScanner({ allow: { domains: ['415-555-2671'] } });
  expect(scanner.scan('415-555-2671')).toHaveLength(1);
});

test.each([
  [{ types: [] }, 'PTC_E003', 'scanner.types'],
  [{ types: ['name'] }, 'PTC_E003', 'scanner.types'],
  [{ types: 'email' }, 'PTC_E002', 'scanner.types'],
  [{ kinds: ['email'] }, 'PTC_E004', 'scanner.kinds'],
  [{ allow: [] }, 'PTC_E002', 'scanner.allow'],
  [{ allow: null }, 'PTC_E002', 'scanner.allow'],
  [{ allow: 'x' }, 'PTC_E002', 'scanner.allow'],
  [{ allow: { value: [] } }, 'PTC_E004', 'scanner.allow.value'],
  [{ allow: { values: [1] } }, 'PTC_E002', 'scanner.allow.values'],
  [{ allow: { domains: [''] } }, 'PTC_E002', 'scanner.allow.domains'],
  [{ allow: { values: Array.from({ length: 10_001 }, () => 'x') } }, 'PTC_E003', 'scanner.allow.values'],
])('options %j', (options, code, option) => {
  const create = () => createScanner(options as { types: PiiType[] });
  expect(create).toThrow(expect.objectContaining({ name: 'ConfigError', code, option }));
});

test('a combining mark or a modifier letter beside a value does not hide it', () => {
  for (const mark of ['\u0301', '\u02bc', 'e\u0301']) {
    for (const value of [
      '123-45-6789',
      '4539148803436467',
      '+44 20 7946 0123',
      '10.20.30.40',
      'GB33BUKB20201555555555',
    ]) {
      expect([value, mark, values(`${mark} ${value}${mark.at(-1)}`).length]).toEqual([value, mark, 1]);
      if (mark !== 'e\u0301') expect(values(`${mark}${value}`).length).toBe(1);
    }
  }
});
