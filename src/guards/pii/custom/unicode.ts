import { type CodeRange, LAST_CODE } from './syntax.ts';

/**
 * Unicode, as the platform knows it. Engines bring tables of their own, of versions years apart: they are handed code
 * points only, so that all of them find the same.
 */

const BLOCK = 0x1000;

/** Ranges of the code points that match an expression of one character, surrogates left out. */
function rangesOf(source: string): readonly CodeRange[] {
  const runs = new RegExp(`(?:${source})+`, 'gu');
  const ranges: CodeRange[] = [];
  for (let base = 0; base <= LAST_CODE; base += BLOCK) {
    // A surrogate would join what stands before it, or after.
    const codes = Array.from({ length: BLOCK }, (_, at) => (isSurrogate(base + at) ? 0xfffd : base + at));
    const text = String.fromCodePoint(...codes);
    const width = base > 0xffff ? 2 : 1;
    for (const { index, 0: run } of text.matchAll(runs)) {
      const first = base + index / width;
      add(ranges, first, first + run.length / width - 1);
    }
  }
  return ranges;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

function add(ranges: CodeRange[], first: number, last: number): void {
  const before = ranges.at(-1);
  if (before !== undefined && before[1] + 1 >= first)
    ranges[ranges.length - 1] = [before[0], Math.max(before[1], last)];
  else ranges.push([first, last]);
}

/** Makes each thing once. Nobody can tell: what is made is the same every time. */
function remembered<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => {
    let known = made.get(name);
    if (known === undefined) {
      known = make(name);
      made.set(name, known);
    }
    return known;
  };
}

/** The code points of a property such as `L`, `Lu` or `Greek`. Takes some 10 ms the first time. */
export const propertyRanges: (name: string) => readonly CodeRange[] = remembered((name) =>
  rangesOf(name.length > 2 ? `\\p{Script=${name}}` : `\\p{${name}}`),
);

const charactersWith: (property: string) => readonly string[] = remembered((property) =>
  rangesOf(`\\p{${property}}`).flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at)),
  ),
);

/** The ranges, sorted, with every other letter case of what is in them, by simple case folding. */
export function closure(ranges: readonly CodeRange[]): readonly CodeRange[] {
  if (ranges.every(([, last]) => last < 128)) return asciiClosure(ranges);
  const cased = charactersWith('Changes_When_Casemapped');
  const within = ranges.map(([first, last]) => `\\u{${first.toString(16)}}-\\u{${last.toString(16)}}`).join('');
  const test = new RegExp(`^[${within}]$`, 'iu');
  const others = cased
    .filter((char) => test.test(char))
    .map((char): CodeRange => [char.codePointAt(0)!, char.codePointAt(0)!]);
  return sorted([...ranges, ...others]);
}

/** Long s and the Kelvin sign fold to ASCII letters; nothing else beyond ASCII does. */
const RELATIVES: readonly (readonly [ascii: number, other: number])[] = [
  [0x73, 0x17f],
  [0x6b, 0x212a],
];

function asciiClosure(ranges: readonly CodeRange[]): readonly CodeRange[] {
  const has = (code: number): boolean => ranges.some(([first, last]) => code >= first && code <= last);
  const all: CodeRange[] = [...ranges];
  for (let lower = 0x61; lower <= 0x7a; lower++) {
    if (has(lower) || has(lower - 0x20)) all.push([lower, lower], [lower - 0x20, lower - 0x20]);
  }
  for (const [lower, other] of RELATIVES) if (has(lower) || has(lower - 0x20)) all.push([other, other]);
  return sorted(all);
}

/** Ranges in order, those that touch as one. */
export function sorted(ranges: readonly CodeRange[]): readonly CodeRange[] {
  const all: CodeRange[] = [];
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) add(all, first, last);
  return all;
}

/** Everything that is not in the ranges, which are sorted. */
export function complement(ranges: readonly CodeRange[]): readonly CodeRange[] {
  const rest: CodeRange[] = [];
  let from = 0;
  for (const [first, last] of ranges) {
    if (first > from) rest.push([from, first - 1]);
    from = last + 1;
  }
  if (from <= LAST_CODE) rest.push([from, LAST_CODE]);
  return rest;
}
