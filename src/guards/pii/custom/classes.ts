import {
  type CharSet,
  type CodeRange,
  LAST_CODE,
  looking,
  PatternRefusal,
  type Source,
  take,
  takeCode,
} from './syntax.ts';
import { closure, complement } from './unicode.ts';

/** What one escape or named class adds to a set. */
interface Part {
  readonly ranges: readonly CodeRange[];
  readonly properties: readonly string[];
}

const LOWER: CodeRange = [0x61, 0x7a];
const UPPER: CodeRange = [0x41, 0x5a];
const DIGIT: CodeRange = [0x30, 0x39];
const WORD: readonly CodeRange[] = [DIGIT, UPPER, [0x5f, 0x5f], LOWER];

/** RE2's Perl classes: ASCII only, and `\s` without the vertical tab. */
const PERL: Readonly<Record<string, readonly CodeRange[]>> = {
  d: [DIGIT],
  s: [[0x09, 0x0a], [0x0c, 0x0d], [0x20, 0x20]], // biome-ignore format: one line a class
  w: WORD,
};

const POSIX: Readonly<Record<string, readonly CodeRange[]>> = {
  alnum: [DIGIT, UPPER, LOWER],
  alpha: [UPPER, LOWER],
  ascii: [[0, 0x7f]],
  blank: [[0x09, 0x09], [0x20, 0x20]], // biome-ignore format: one line a class
  cntrl: [[0, 0x1f], [0x7f, 0x7f]], // biome-ignore format: one line a class
  digit: [DIGIT],
  graph: [[0x21, 0x7e]],
  lower: [LOWER],
  print: [[0x20, 0x7e]],
  punct: [[0x21, 0x2f], [0x3a, 0x40], [0x5b, 0x60], [0x7b, 0x7e]], // biome-ignore format: one line a class
  space: [[0x09, 0x0d], [0x20, 0x20]], // biome-ignore format: one line a class
  upper: [UPPER],
  word: WORD,
  xdigit: [DIGIT, [0x41, 0x46], [0x61, 0x66]],
};

/** General categories. */
const CATEGORY = /^(?:L[ulmto]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C[cf]?)$/;
/** Scripts in common modern use, UAX #31 table 5: any engine knows them, whatever its version of Unicode. */
const SCRIPTS: ReadonlySet<string> = new Set(
  `Arabic Armenian Bengali Bopomofo Common Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Han Hangul Hebrew
  Hiragana Inherited Kannada Katakana Khmer Lao Latin Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan`.split(
    /\s+/,
  ),
);

/** `\d`, `\W`, `\pL`, `\p{^Greek}` after its backslash; `undefined` if none of these is next. */
export function takeClassEscape(source: Source, fold: boolean): Part | undefined {
  const letter = source.text[source.at] ?? '';
  const perl = PERL[letter.toLowerCase()];
  if (perl !== undefined) {
    source.at++;
    return { ranges: letter in PERL ? perl : complement(fold ? closure(perl) : perl), properties: [] };
  }
  if (letter !== 'p' && letter !== 'P') return undefined;
  source.at++;
  let name = source.text[source.at] ?? '';
  source.at++;
  if (name === '{') {
    const end = source.text.indexOf('}', source.at);
    if (end < 0) throw new PatternRefusal('a Unicode class has no closing brace');
    name = source.text.slice(source.at, end);
    source.at = end + 1;
  }
  const isNegated = name.startsWith('^') !== (letter === 'P');
  if (name.startsWith('^')) name = name.slice(1);
  if (!CATEGORY.test(name) && !SCRIPTS.has(name)) {
    throw new PatternRefusal('it has a Unicode class that is no general category and no script in common use');
  }
  return { ranges: [], properties: [`\\${isNegated ? 'P' : 'p'}{${name}}`] };
}

/** A class in brackets, after the opening one. */
export function takeBrackets(source: Source, fold: boolean): CharSet {
  const negated = take(source, '^');
  const ranges: CodeRange[] = [];
  const properties: string[] = [];
  for (let isFirst = true; isFirst || !looking(source, ']'); isFirst = false) {
    if (source.at >= source.text.length) throw new PatternRefusal('a class in brackets is not closed');
    const part = takePosix(source, fold) ?? takeEscapedClass(source, fold);
    if (part !== undefined) {
      ranges.push(...part.ranges);
      properties.push(...part.properties);
      continue;
    }
    const first = takeMember(source);
    const isRange = looking(source, '-') && !looking(source, '-]') && source.at + 1 < source.text.length;
    if (!isRange) {
      ranges.push([first, first]);
      continue;
    }
    source.at++;
    if (takeEscapedClass({ ...source }, fold) !== undefined)
      throw new PatternRefusal('a range in brackets ends in a class');
    const last = takeMember(source);
    if (last < first) throw new PatternRefusal('a range in brackets runs backwards');
    ranges.push([first, last]);
  }
  source.at++;
  return { kind: 'set', ranges, properties, negated, fold };
}

function takeEscapedClass(source: Source, fold: boolean): Part | undefined {
  if (!looking(source, '\\')) return undefined;
  const inside = { text: source.text, at: source.at + 1 };
  const part = takeClassEscape(inside, fold);
  if (part !== undefined) source.at = inside.at;
  return part;
}

function takePosix(source: Source, fold: boolean): Part | undefined {
  if (!looking(source, '[:')) return undefined;
  const end = source.text.indexOf(':]', source.at + 2);
  if (end < 0) return undefined;
  const name = source.text.slice(source.at + 2, end);
  const isNegated = name.startsWith('^');
  const plain = isNegated ? name.slice(1) : name;
  if (!Object.hasOwn(POSIX, plain)) throw new PatternRefusal('it has a class [:name:] of an unknown name');
  source.at = end + 2;
  const ranges = POSIX[plain]!;
  return { ranges: isNegated ? complement(fold ? closure(ranges) : ranges) : ranges, properties: [] };
}

function takeMember(source: Source): number {
  return take(source, '\\') ? takeEscape(source) : takeCode(source);
}

const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

/** One character that is written as an escape, after its backslash. */
export function takeEscape(source: Source): number {
  const letter = source.text[source.at] ?? '';
  if (Object.hasOwn(CONTROLS, letter)) {
    source.at++;
    return CONTROLS[letter]!;
  }
  if (/[1-9]/.test(letter)) throw new PatternRefusal('RE2 has no back-references');
  const numeric = /^(?:0([0-7]{0,2})|x([0-9a-fA-F]{2})|x\{([0-9a-fA-F]{1,6})\})/.exec(
    source.text.slice(source.at, source.at + 10),
  );
  if (numeric !== null) {
    const [whole, octal, short, long] = numeric;
    const code = octal === undefined ? Number.parseInt(short ?? long ?? '', 16) : Number.parseInt(`0${octal}`, 8);
    if (code > LAST_CODE || (code >= 0xd800 && code <= 0xdfff)) throw new PatternRefusal('an escape is no character');
    source.at += whole.length;
    return code;
  }
  if (letter === '') throw new PatternRefusal('it ends in a backslash');
  if (letter === 'k') throw new PatternRefusal('RE2 has no back-references');
  if (letter === 'C') throw new PatternRefusal('\\C, a single byte, is not supported');
  if (/[^\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e ]/.test(letter))
    throw new PatternRefusal('it has an escape that RE2 does not know');
  source.at++;
  return letter.charCodeAt(0);
}
