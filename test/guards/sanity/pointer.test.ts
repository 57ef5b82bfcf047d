import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { compilePointer, walk } from '../../../src/guards/sanity/pointer.ts';

const at = (document: unknown, pointer: string): unknown => walk(document, compilePointer('pointer', pointer));

describe('walk', () => {
  /** RFC 6901 section 5, the document and every pointer of it. */
  const document = JSON.parse(
    String.raw`{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}`,
  );
  it.each([
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ])('finds what RFC 6901 says at %j', (pointer, value) => {
    expect(at(document, pointer)).toEqual(value);
  });

  it('reads ~01 as ~1, as RFC 6901 section 4 asks', () => {
    expect(at({ '~1': 1, '/': 2 }, '/~01')).toBe(1);
  });

  it.each([
    '/foo/2',
    '/foo/-',
    '/foo/00',
    '/foo/1e0',
    '/foo/length',
    '/foo/bar',
    '/nothing',
    '/foo/0/0',
    '/foo/0/length',
  ])('finds nothing at %j', (pointer) => {
    expect(at(document, pointer)).toBeUndefined();
  });

  it('sees own members only', () => {
    expect(at({}, '/constructor')).toBeUndefined();
    expect(at({}, '/__proto__')).toBeUndefined();
    expect(at([], '/__proto__/length')).toBeUndefined();
    expect(at(JSON.parse('{"__proto__":{"a":1}}'), '/__proto__/a')).toBe(1);
    expect(at(JSON.parse('{"__proto__":{"a":1}}'), '/a')).toBeUndefined();
  });

  it('finds every member by its own name, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (outer, inner) => {
        const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
        const value = JSON.parse(`{${JSON.stringify(outer)}:{${JSON.stringify(inner)}:1}}`);
        expect(at(value, `/${escaped(outer)}/${escaped(inner)}`)).toBe(1);
      }),
    );
  });
});

describe('compilePointer', () => {
  it.each(['a', 'a/b', '/~', '/~2', '#/a', `/${'a'.repeat(1_024)}`])('refuses %j', (pointer) => {
    expect(() => compilePointer('option', pointer)).toThrow(ConfigError);
  });

  it.each([undefined, null, 1, ['a']])('refuses %j', (pointer) => {
    expect(() => compilePointer('option', pointer)).toThrow(/PTC_E002.*option/);
  });
});
