import { afterEach, describe, expect, test, vi } from 'vitest';
import { emit } from '../../../../src/guards/pii/custom/emit.ts';
import { parsePattern } from '../../../../src/guards/pii/custom/parse.ts';
import { loadRe2, type Re2Instance, type WasmPattern } from '../../../../src/guards/pii/custom/re2-instance.ts';
import { MAX_RESIDENT_COST, re2Wasm } from '../../../../src/guards/pii/custom/re2-wasm.ts';
import { re2js } from '../../../../src/guards/pii/custom/re2js.ts';
import { spansOf } from './arbitrary.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** re2-wasm says on the console that it aborts. */
function quiet(): void {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
}

describe.each([re2Wasm(), re2js()])('$name', (engine) => {
  test.each([
    ['beside nothing', 'EMP-123456', 0],
    ['after an emoji', '😀EMP-123456', 2],
    ['between emoji', '😀😀 EMP-123456😀', 5],
    ['after a high surrogate', '\ud800EMP-123456', 1],
    ['after a low surrogate', '\udc00EMP-123456', 1],
    ['after two highs and before a low', '\ud83d\ud83dEMP-123456\udc00', 2],
    ['after a NUL', '\0EMP-123456\0', 1],
    ['after combining marks', 'e\u0301EMP-123456', 2],
  ])('offsets are UTF-16 code units %s', (_, text, start) => {
    expect(spansOf(engine, 'EMP-\\d{6}', '', text)).toEqual([[start, start + 10]]);
    expect(spansOf(engine, '[A-Z]+-\\d{6}', '', text)).toEqual([[start, start + 10]]);
  });

  test('emoji inside a match count twice', () => {
    expect(spansOf(engine, '<.{2}>', '', 'é😀<😀𝒳>😀<ab>')).toEqual([
      [3, 9],
      [11, 15],
    ]);
  });

  test('a text is searched past the first window, and matches across the edge of one are whole', () => {
    for (const before of [60, 63, 64, 65, 1_000, 1_020, 1_023, 1_024, 5_000]) {
      const text = `${'x'.repeat(before)}\n123456 ${'y'.repeat(3_000)}`;
      expect(spansOf(engine, '\\d{6}', '', text)).toEqual([[before + 1, before + 7]]);
      expect(spansOf(engine, '\\b\\d+\\b', '', text)).toEqual([[before + 1, before + 7]]);
      expect(spansOf(engine, '^\\d', '', text)).toEqual([]);
      expect(spansOf(engine, '^\\d', 'm', text)).toEqual([[before + 1, before + 2]]);
      expect(spansOf(engine, 'y$', '', text)).toEqual([[text.length - 1, text.length]]);
    }
  });

  test('a long match is followed to its end, up to 16,384', () => {
    const token = (length: number): string => `x token=${'A'.repeat(length)} x`;
    expect(spansOf(engine, 'token=\\w+', '', token(5_000))).toEqual([[2, 5_008]]);
    expect(spansOf(engine, 'token=\\w+', '', token(20_000))).toEqual([[2, 2 + 16_384]]);
  });
});

describe('re2-wasm', () => {
  const LARGE = `(?:${emit(parsePattern('\\pL'))}){1000}`;

  test('a pattern that fills the memory alone fails, and the engine goes on', () => {
    quiet();
    let aborts = 0;
    const engine = re2Wasm({ onAbort: () => aborts++ });
    const small = engine.compile('b', 1);
    expect(() => engine.compile(LARGE, 1)).toThrow('aborted twice');
    expect(aborts).toBe(2);
    expect(small.find('ab', 0)).toEqual({ start: 1, end: 2 });
    expect(engine.compile('c', 1).find('abc', 0)).toEqual({ start: 2, end: 3 });
    expect(aborts).toBe(2);
  });

  test('patterns that fill it together survive it', () => {
    quiet();
    let aborts = 0;
    const engine = re2Wasm({ onAbort: () => aborts++ });
    // Some half a megabyte each.
    const source = `(?:${'ab'.repeat(2_000)}|x)`;
    const patterns = Array.from({ length: 40 }, () => engine.compile(source, 1));
    for (const pattern of patterns) expect(pattern.find('😀 x', 0)).toEqual({ start: 3, end: 4 });
    expect(aborts).toBeGreaterThan(0);
  }, 60_000);

  test('what it costs bounds what stays in memory', () => {
    const alive = new Set<string>();
    class Fake implements WasmPattern {
      readonly source: string;
      constructor(source: string) {
        this.source = source;
        alive.add(source);
      }
      ok = (): boolean => true;
      match = (): { match: string; index: number } => ({ match: this.source, index: 0 });
      delete = (): void => {
        alive.delete(this.source);
      };
    }
    const engine = re2Wasm({ load: () => ({ WrappedRE2: Fake }) });
    const patterns = Array.from({ length: 10 }, (_, i) => engine.compile(`${i}`, MAX_RESIDENT_COST / 4));
    expect([...alive]).toEqual(['6', '7', '8', '9']);
    for (const at of [6, 0]) expect(patterns[at]?.find(`${at}`, 0)).toEqual({ start: 0, end: 1 });
    expect([...alive].sort()).toEqual(['0', '6', '8', '9']);
  });

  test('its instance is nobody else’s', () => {
    const first = loadRe2();
    expect(loadRe2().WrappedRE2).not.toBe(first.WrappedRE2);
  });

  test('an engine that keeps failing throws, once per scan two instances later', () => {
    let loads = 0;
    const broken: Re2Instance = {
      WrappedRE2: class implements WasmPattern {
        ok = (): boolean => true;
        match = (): never => {
          throw new WebAssembly.RuntimeError('unreachable');
        };
        delete = (): void => undefined;
      },
    };
    const load = (): Re2Instance => {
      loads++;
      return broken;
    };
    const pattern = re2Wasm({ load }).compile('a', 1);
    expect(() => pattern.find('a', 0)).toThrow('aborted twice');
    expect(loads).toBe(3);
  });

  test('options are checked', () => {
    expect(() => re2Wasm({ nope: 1 } as object)).toThrow('PTC_E004');
    expect(() => re2Wasm({ onAbort: 1 as unknown as () => void })).toThrow('re2Wasm.onAbort');
  });
});
