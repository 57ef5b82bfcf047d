import { codeAt } from '../chars.ts';

/** Characters that the bodies of keys are written in, by name. */
const ALPHABETS = {
  hex: 'a-f0-9',
  uuid: 'a-f0-9-',
  upper: 'A-Z0-9',
  lower: 'a-z0-9',
  alnum: 'A-Za-z0-9',
  word: 'A-Za-z0-9_',
  dash: 'A-Za-z0-9-',
  url: 'A-Za-z0-9_-',
  run: 'A-Za-z_.-',
  dots: 'A-Za-z0-9_.=-',
  base64: 'A-Za-z0-9+/=',
  web64: 'A-Za-z0-9+/=_-',
} as const;

export type Alphabet = keyof typeof ALPHABETS;

const NAMES = Object.keys(ALPHABETS) as Alphabet[];
const BITS = Object.fromEntries(NAMES.map((name, at) => [name, 1 << at])) as Readonly<Record<Alphabet, number>>;

/** For each ASCII character, a bit for each alphabet that it is in. */
const MEMBERS: Uint16Array = members();

function members(): Uint16Array {
  const table = new Uint16Array(128);
  for (const name of NAMES) {
    for (const [, from, to = from] of ALPHABETS[name].matchAll(/(.)(?:-(.))?/g)) {
      for (let code = from!.charCodeAt(0); code <= to!.charCodeAt(0); code++) table[code]! |= BITS[name];
    }
  }
  return table;
}

export function isIn(code: number, alphabet: Alphabet): boolean {
  return code < 128 && (MEMBERS[code]! & BITS[alphabet]) !== 0;
}

/** First position from `at` that holds no character of the alphabet; `at + most` if there is none before. */
export function bodyEnd(text: string, at: number, alphabet: Alphabet, most: number): number {
  const bit = BITS[alphabet];
  const last = Math.min(at + most, text.length);
  let end = at;
  while (end < last) {
    const code = codeAt(text, end);
    if (code >= 128 || (MEMBERS[code]! & bit) === 0) break;
    end++;
  }
  return end;
}
