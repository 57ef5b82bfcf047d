/** One character, or any that it folds to. */
export interface Char {
  readonly kind: 'char';
  readonly code: number;
  readonly fold: boolean;
}

/** One character out of a set. */
export interface CharSet {
  readonly kind: 'set';
  readonly ranges: readonly CodeRange[];
  /** Unicode properties: `\p{L}`, `\P{Greek}`. */
  readonly properties: readonly string[];
  readonly negated: boolean;
  readonly fold: boolean;
}

export type CodeRange = readonly [first: number, last: number];

/** Something that holds between two characters. */
export interface Assertion {
  readonly kind: 'assertion';
  readonly what: 'text-start' | 'text-end' | 'line-start' | 'line-end' | 'word-edge' | 'no-word-edge';
}

export interface Repeat {
  readonly kind: 'repeat';
  readonly of: Node;
  readonly min: number;
  /** `Infinity` for none. */
  readonly max: number;
  readonly lazy: boolean;
}

/** A pattern of RE2, taken apart. Groups capture nothing here. */
export type Node =
  | Char
  | CharSet
  | Assertion
  | Repeat
  | { readonly kind: 'concat'; readonly parts: readonly Node[] }
  | { readonly kind: 'either'; readonly parts: readonly Node[] };

/** Why a pattern is refused; never shows any of it. */
export class PatternRefusal extends Error {
  override readonly name = 'PatternRefusal';
}

export const LAST_CODE = 0x10ffff;

/** What flags are in force at one place of a pattern. */
export interface Flags {
  /** `i`: letter case does not matter. */
  readonly fold: boolean;
  /** `m`: `^` and `$` hold at line ends too. */
  readonly lines: boolean;
  /** `s`: a dot matches a line end. */
  readonly dotAll: boolean;
  /** `U`: `x*` is lazy, `x*?` is not. */
  readonly swapLazy: boolean;
}

/** The pattern and where in it the parser is. */
export interface Source {
  readonly text: string;
  at: number;
}

export function looking(source: Source, at: string): boolean {
  return source.text.startsWith(at, source.at);
}

/** Takes `what` if it is next. */
export function take(source: Source, what: string): boolean {
  if (!looking(source, what)) return false;
  source.at += what.length;
  return true;
}

/** Takes the next character, a surrogate pair in whole. */
export function takeCode(source: Source): number {
  const code = source.text.codePointAt(source.at);
  if (code === undefined) throw new PatternRefusal('it ends where more must follow');
  if (code >= 0xd800 && code <= 0xdfff) throw new PatternRefusal('it has a lone surrogate');
  source.at += code > 0xffff ? 2 : 1;
  return code;
}
