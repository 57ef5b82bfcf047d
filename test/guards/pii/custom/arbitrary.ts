import fc from 'fast-check';
import { emit } from '../../../../src/guards/pii/custom/emit.ts';
import type { CustomEngine } from '../../../../src/guards/pii/custom/engine.ts';
import { findAll, haystack } from '../../../../src/guards/pii/custom/find-all.ts';
import { literalOf } from '../../../../src/guards/pii/custom/literal.ts';
import { costOf, lengthsOf } from '../../../../src/guards/pii/custom/measure.ts';
import { parsePattern } from '../../../../src/guards/pii/custom/parse.ts';

/** Characters that patterns and texts are made of: letters with odd relatives, digits, marks, two beyond the basic plane. */
export const CHARS = [
  'a',
  'b',
  'k',
  'S',
  '1',
  '2',
  '-',
  ' ',
  '_',
  'é',
  'É',
  'ſ',
  '\u212a',
  '例',
  '😀',
  '𝒳',
  '\u{1fae0}',
  'ƛ',
  '\u{378}',
] as const;

const literal = fc.constantFrom(
  'a',
  'b',
  'k',
  'S',
  '1',
  '-',
  ' ',
  'é',
  '例',
  '😀',
  'ab',
  'S1',
  '\\.',
  '\\x41',
  '\\x{1F600}',
);
/** What V8 with the flag `u` reads as RE2 does. */
const common = fc.constantFrom('[ab]', '[^a]', '[a-c1]', '\\d', '\\D', '[^\\d ]', '\\p{L}', '\\P{L}', '\\p{Lu}', '.');
const words = fc.constantFrom('\\w', '\\W', '\\b', '\\B', '[\\w-]', '^', '$');
/** What only RE2 has, or reads in its own way. */
const own = fc.constantFrom(
  ...[
    '\\s',
    '[[:alpha:]]',
    '[[:^digit:]]',
    '[[:word:]é]',
    '\\pN',
    '\\p{^L}',
    '\\p{Greek}',
    '\\p{Han}',
    '(?s:.)',
    '\\A',
  ],
  ...[
    '\\z',
    '(?m:^)',
    '(?m:$)',
    '(?i:ab)',
    '(?i:\\W)',
    '(?i)k',
    '\\Qa-\\E',
    '\\x{e9}',
    '[^\\PL]',
    '(?U:a+)',
    '(?i:[^s])',
  ],
  ...['(?i:é)', '(?i:\\P{Lu})', '\\p{S}', '\\pC', '\\P{Cf}', '(?i:[ā-ſ])', '(?i:\\pL)'],
);
const count = fc.constantFrom('?', '*', '+', '{2}', '{0,2}', '{1,3}', '{2,}', '??', '*?', '+?', '{1,3}?');

function patterns(atoms: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.letrec<{ pattern: string; sequence: string; piece: string; atom: string }>((tie) => ({
    pattern: fc.oneof(
      { weight: 4, arbitrary: tie('sequence') },
      { weight: 1, arbitrary: fc.array(tie('sequence'), { minLength: 2, maxLength: 3 }).map((all) => all.join('|')) },
    ),
    sequence: fc.array(tie('piece'), { minLength: 1, maxLength: 4 }).map((all) => all.join('')),
    piece: fc.oneof(
      { weight: 3, arbitrary: tie('atom') },
      { weight: 2, arbitrary: fc.tuple(tie('atom'), count).map(([atom, times]) => `(?:${atom})${times}`) },
    ),
    atom: fc.oneof(
      { maxDepth: 2, depthIdentifier: 'group' },
      { weight: 5, arbitrary: atoms },
      { weight: 1, arbitrary: tie('pattern').map((inner) => `(${inner})`) },
      { weight: 1, arbitrary: tie('pattern').map((inner) => `(?:${inner})`) },
    ),
  })).pattern;
}

export const ownPattern = patterns(
  fc.oneof({ weight: 3, arbitrary: literal }, common, words, { weight: 2, arbitrary: own }),
);
export const commonPattern = patterns(fc.oneof({ weight: 3, arbitrary: literal }, common, words));
/** Without `\w` and `\b`, which V8 folds in another way. */
export const foldingPattern = patterns(
  fc.oneof({ weight: 3, arbitrary: literal }, fc.constantFrom('[ab]', '[a-c1]', '\\d', '.')),
);

const piece = fc.constantFrom(...CHARS, ...CHARS, '\ud800', '\udc00', '\ud83d', 'ab', 'S1', 'A', 'K', 's', '.');
const line = fc.array(piece, { maxLength: 24 }).map((all) => all.join(''));
/** What windows and the jumps between them must not change: a filler of any length. */
const filler = fc
  .tuple(fc.constantFrom('b', ' ', 'a-', '1', '😀', 'é', '\ud800'), fc.nat(900))
  .map(([unit, times]) => unit.repeat(times));
export const shortText = fc.oneof(
  line,
  fc.tuple(line, line).map((lines) => lines.join('\n')),
);
export const longText = fc.tuple(line, filler, line, filler, line).map((all) => all.join(''));

export type Spans = readonly (readonly [start: number, end: number])[];

/** The spans of all matches by an engine; `undefined` for a pattern that is refused, whatever the engine. */
export function spansOf(
  engine: CustomEngine,
  pattern: string,
  flags: string,
  text: string,
  whole = false,
): Spans | undefined {
  try {
    const node = parsePattern(pattern, flags);
    const lengths = lengthsOf(node);
    if (lengths.min === 0 || costOf(node) > 1_000) return undefined;
    const compiled = engine.compile(emit(node), costOf(node));
    const found = findAll(haystack(text), { compiled, lengths, literal: whole ? undefined : literalOf(node) });
    return found.map(({ start, end }) => [start, end]);
  } catch (error) {
    if (error instanceof Error && error.name === 'PatternRefusal') return undefined;
    throw error;
  }
}

/** The spans of all matches by V8, in the text as it is without lone surrogates. */
export function spansOfV8(pattern: string, flags: string, text: string): Spans {
  const wellFormed = text.replace(/[\ud800-\udfff]/gu, '\ufffd');
  const source = pattern.replaceAll('\\x{', '\\u{').replaceAll('\\z', '$');
  return [...wellFormed.matchAll(new RegExp(source, `gu${flags}`))].map(({ index, 0: match }) => [
    index,
    index + match.length,
  ]);
}
