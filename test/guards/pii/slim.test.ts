import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { createGate } from '../../../src/gate.ts';
import { createScanner } from '../../../src/guards/pii/scanner.ts';
import { type PiiRecognizer, slimPii, slimScanner } from '../../../src/guards/pii/slim.ts';
import { PII_TYPES } from '../../../src/guards/pii/types.ts';
import * as entry from '../../../src/pii-slim.ts';
import { buildExchange } from '../../../src/testing/build-exchange.ts';
import { readCases } from './corpus.ts';

const { slimPii: _guard, slimScanner: _scanner, ...byName } = entry;
const RECOGNIZERS: readonly PiiRecognizer[] = Object.values(byName);
const { email, phone, vin, macAddress } = entry;

test('the entry has one recognizer for each type, by its name', () => {
  expect(RECOGNIZERS.map(({ type }) => type).sort()).toEqual([...PII_TYPES].sort());
  for (const [name, { type }] of Object.entries(byName)) {
    expect(name).toBe(type.replaceAll(/_(\w)/g, (_all, letter: string) => letter.toUpperCase()));
  }
});

describe('a slim scanner finds what the whole one does', () => {
  test.each(RECOGNIZERS.map((recognizer) => [recognizer.type, recognizer] as const))('%s', (type, recognizer) => {
    const whole = createScanner({ types: [type] });
    const slim = slimScanner([recognizer]);
    const cases = readCases(type.replaceAll('_', '-'));
    expect(cases.length).toBeGreaterThan(20);
    for (const { text } of cases) expect(slim.scan(text), text).toEqual(whole.scan(text));
  });

  test('with all recognizers, in whatever order they are given', () => {
    const whole = createScanner({ types: PII_TYPES });
    const slim = slimScanner([...RECOGNIZERS].reverse(), { types: PII_TYPES });
    for (const { text } of readCases('email')) expect(slim.scan(text)).toEqual(whole.scan(text));
    expect(slim.types).toEqual(PII_TYPES);
    expect(slimScanner(RECOGNIZERS).types).toEqual(createScanner().types);
  });
});

test('what it looks for by default: the usual types that it knows, or all that it knows', () => {
  expect(slimScanner([vin, phone, email]).types).toEqual(['email', 'phone']);
  expect(slimScanner([vin, macAddress]).types).toEqual(['mac_address', 'vin']);
  expect(slimScanner([vin, email], { types: ['vin'] }).types).toEqual(['vin']);
});

test('the guard redacts', async () => {
  const gate = createGate({ guards: [slimPii([email, phone], { mode: 'redact' })], stages: { pii: 'enforce' } });
  const body = { text: 'jane@example.org 415-555-2671', card: '4111 1111 1111 1111' };
  const { outcome, patches } = await gate.inspect(buildExchange({ body }));
  expect(outcome).toBe('allow');
  expect(patches.map(({ text }) => text)).toEqual(['[REDACTED_EMAIL]', '[REDACTED_PHONE]']);
});

describe('it refuses what it cannot do', () => {
  const given = (recognizers: unknown, options?: object): (() => unknown) => {
    return () => slimPii(recognizers as readonly PiiRecognizer[], options);
  };
  test.each<[string, () => unknown, string]>([
    ['no list', given(undefined), 'slimPii.recognizers'],
    ['an empty list', given([]), 'slimPii.recognizers'],
    ['names', given(['email']), 'slimPii.recognizers'],
    ['something else', given([{ type: 'email' }]), 'slimPii.recognizers'],
    ['nothing in it', given([null]), 'slimPii.recognizers'],
    ['a type of its own', given([{ ...email, type: 'mine' }]), 'slimPii.recognizers'],
    ['a type that it has no recognizer for', given([email], { types: ['phone'] }), 'pii.types'],
    ['patterns', given([email], { patterns: [{ name: 'a', pattern: 'a' }] }), 'pii.patterns'],
    ['for a scanner too', () => slimScanner([], {}), 'slimScanner.recognizers'],
  ])('%s', (_what, make, option) => {
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(option);
  });

  test('a tenant that asks for patterns, when it is first seen', async () => {
    const policy = { patterns: [{ name: 'a', pattern: 'a' }] };
    const gate = createGate({ guards: [slimPii([email], { policy: () => policy })], stages: { pii: 'enforce' } });
    expect((await gate.inspect(buildExchange({ body: {} }))).status).toBe(503);
  });
});
