import { expect, test } from 'vitest';
import { ConfigError, ConfigErrors } from '../src/errors.ts';
import { checkEach, collectMistakes, mistakesIn } from '../src/mistakes.ts';

const mistake = (option: string): ConfigError => new ConfigError('PTC_E002', option, 5, 'give a text');

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

test('one mistake is thrown as it is; none is not thrown', () => {
  const one = mistake('a');
  expect(thrown(() => checkEach([one], (error) => thrownBy(error)))).toBe(one);
  expect(thrown(() => checkEach(['fine'], () => {}))).toBeUndefined();
});

test('several: a line for each, code and option of the first', () => {
  const error = thrown(() => checkEach([mistake('a'), mistake('b')], thrownBy)) as ConfigErrors;
  expect(error).toBeInstanceOf(ConfigError);
  expect([error.name, error.code, error.option]).toEqual(['ConfigError', 'PTC_E002', 'a']);
  expect(error.message.split('\n')).toEqual([mistake('a').message, mistake('b').message]);
  expect(error.errors.map(({ option }) => option)).toEqual(['a', 'b']);
});

test('lists in lists are one list', () => {
  const inner = new ConfigErrors([mistake('b'), mistake('c')]);
  const error = thrown(() => checkEach([mistake('a'), inner, mistake('d')], thrownBy)) as ConfigErrors;
  expect(mistakesIn(error).map(({ option }) => option)).toEqual(['a', 'b', 'c', 'd']);
});

test('what was returned is handed on; other errors are not kept', () => {
  const mistakes = collectMistakes();
  expect(mistakes.attempt(() => 7)).toBe(7);
  const other = new RangeError('a fault of ours');
  expect(thrown(() => mistakes.attempt(() => thrownBy(other)))).toBe(other);
  expect(thrown(() => mistakes.raise())).toBeUndefined();
});

function thrownBy(error: unknown): never {
  throw error;
}
