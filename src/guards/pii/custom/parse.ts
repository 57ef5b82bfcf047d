import { takeBrackets, takeClassEscape, takeEscape } from './classes.ts';
import { type Flags, LAST_CODE, looking, type Node, PatternRefusal, type Source, take, takeCode } from './syntax.ts';

/** Groups inside groups. */
const DEEPEST = 30;
/** Largest count of a repetition, those around it multiplied. */
export const MAX_REPETITION = 100;

/**
 * Takes a pattern apart, by the syntax of RE2 (https://github.com/google/re2/wiki/Syntax). What it does not know it
 * refuses, so that no engine is ever asked about it.
 *
 * @param flags any of `i`, `m`, `s`
 * @throws {PatternRefusal} if it is no pattern of RE2, or beyond a limit
 */
export function parsePattern(pattern: string, flags = ''): Node {
  const source: Source = { text: pattern, at: 0 };
  const node = takeEither(
    source,
    { fold: flags.includes('i'), lines: flags.includes('m'), dotAll: flags.includes('s'), swapLazy: false },
    0,
  );
  if (source.at < pattern.length) throw new PatternRefusal('a closing parenthesis has no opening one');
  return node;
}

/** Alternatives up to a closing parenthesis or the end. Flags set inside hold to the end of the group. */
function takeEither(source: Source, outer: Flags, depth: number): Node {
  if (depth > DEEPEST) throw new PatternRefusal(`its groups are nested more than ${DEEPEST} deep`);
  let flags = outer;
  let parts: Node[] = [];
  const alternatives: Node[] = [];
  while (source.at < source.text.length && !looking(source, ')')) {
    if (take(source, '|')) {
      alternatives.push(concat(parts));
      parts = [];
      continue;
    }
    const set = takeFlags(source, flags);
    if (set !== undefined) {
      flags = set;
      continue;
    }
    if (take(source, '\\Q')) {
      const end = source.text.indexOf('\\E', source.at);
      const stop = end < 0 ? source.text.length : end;
      const quoted: Node[] = [];
      while (source.at < stop) quoted.push({ kind: 'char', code: takeCode(source), fold: flags.fold });
      if (end >= 0) source.at += 2;
      // What follows repeats the last character only.
      const last = quoted.pop();
      parts.push(...quoted, ...(last === undefined ? [] : [takeRepeat(source, last, flags)]));
      continue;
    }
    if (take(source, '\\E')) continue;
    parts.push(takeRepeat(source, takeAtom(source, flags, depth), flags));
  }
  alternatives.push(concat(parts));
  return alternatives.length === 1 ? alternatives[0]! : { kind: 'either', parts: alternatives };
}

function concat(parts: readonly Node[]): Node {
  return parts.length === 1 ? parts[0]! : { kind: 'concat', parts };
}

/** `(?i)` and the like: from here on. */
function takeFlags(source: Source, flags: Flags): Flags | undefined {
  const match = /^\(\?([a-zA-Z]*)(?:-([a-zA-Z]+))?\)/.exec(source.text.slice(source.at, source.at + 16));
  if (match === null) return undefined;
  source.at += match[0].length;
  return withFlags(flags, match[1] ?? '', match[2]);
}

function withFlags(flags: Flags, on: string, off: string | undefined): Flags {
  if ((on === '' && off === undefined) || /[^imsU]/.test(on + (off ?? ''))) {
    throw new PatternRefusal('a group has flags or a form that RE2 does not know');
  }
  const value = (letter: string, before: boolean): boolean => !off?.includes(letter) && (on.includes(letter) || before);
  return {
    fold: value('i', flags.fold),
    lines: value('m', flags.lines),
    dotAll: value('s', flags.dotAll),
    swapLazy: value('U', flags.swapLazy),
  };
}

function takeAtom(source: Source, flags: Flags, depth: number): Node {
  if (take(source, '(')) return takeGroup(source, flags, depth);
  if (take(source, '[')) return takeBrackets(source, flags.fold);
  if (take(source, '.')) {
    const ranges = flags.dotAll ? ([[0, LAST_CODE]] as const) : ([[0x0a, 0x0a]] as const);
    return { kind: 'set', ranges, properties: [], negated: !flags.dotAll, fold: false };
  }
  if (take(source, '^')) return { kind: 'assertion', what: flags.lines ? 'line-start' : 'text-start' };
  if (take(source, '$')) return { kind: 'assertion', what: flags.lines ? 'line-end' : 'text-end' };
  if (/^(?:[*+?]|\{\d+(?:,\d*)?\})/.test(source.text.slice(source.at, source.at + 16))) {
    throw new PatternRefusal('a repetition has nothing to repeat');
  }
  if (!take(source, '\\')) return { kind: 'char', code: takeCode(source), fold: flags.fold };
  if (take(source, 'b')) return { kind: 'assertion', what: 'word-edge' };
  if (take(source, 'B')) return { kind: 'assertion', what: 'no-word-edge' };
  if (take(source, 'A')) return { kind: 'assertion', what: 'text-start' };
  if (take(source, 'z')) return { kind: 'assertion', what: 'text-end' };
  const part = takeClassEscape(source, flags.fold);
  if (part !== undefined) return { kind: 'set', ...part, negated: false, fold: flags.fold };
  return { kind: 'char', code: takeEscape(source), fold: flags.fold };
}

function takeGroup(source: Source, outer: Flags, depth: number): Node {
  let flags = outer;
  if (take(source, '?')) {
    if (/^<?[=!]/.test(source.text.slice(source.at, source.at + 2))) throw new PatternRefusal('RE2 has no look-around');
    if (looking(source, '>')) throw new PatternRefusal('RE2 has no atomic groups');
    const rest = source.text.slice(source.at);
    const named = /^P?<[A-Za-z_][A-Za-z0-9_]*>/.exec(rest);
    const flagged = /^([a-zA-Z]*)(?:-([a-zA-Z]+))?:/.exec(rest);
    if (named !== null) source.at += named[0].length;
    else if (flagged !== null) {
      source.at += flagged[0].length;
      if (flagged[0] !== ':') flags = withFlags(outer, flagged[1] ?? '', flagged[2]);
    } else throw new PatternRefusal('a group has flags or a form that RE2 does not know');
  }
  const node = takeEither(source, flags, depth + 1);
  if (!take(source, ')')) throw new PatternRefusal('a group is not closed');
  return node;
}

/** The repetition that follows an atom, if one does. */
function takeRepeat(source: Source, of: Node, { swapLazy }: Flags): Node {
  const counts = takeCounts(source);
  if (counts === undefined) return of;
  const [min, max] = counts;
  const lazy = take(source, '?') !== swapLazy;
  if (looking(source, '+')) throw new PatternRefusal('RE2 has no possessive repetitions');
  if (takeCounts(source) !== undefined)
    throw new PatternRefusal('a repetition follows another: put a group around one');
  if (of.kind === 'assertion') throw new PatternRefusal('it repeats something that matches no character');
  return { kind: 'repeat', of, min, max, lazy };
}

function takeCounts(source: Source): readonly [min: number, max: number] | undefined {
  if (take(source, '*')) return [0, Number.POSITIVE_INFINITY];
  if (take(source, '+')) return [1, Number.POSITIVE_INFINITY];
  if (take(source, '?')) return [0, 1];
  if (looking(source, '{,')) throw new PatternRefusal('a repetition has no lower bound: write {0,n}');
  const match = /^\{(\d{1,9})(?:(,)(\d{0,9}))?\}/.exec(source.text.slice(source.at, source.at + 24));
  if (match === null) {
    if (
      /^\{\d/.test(source.text.slice(source.at, source.at + 2)) &&
      /^\{\d+(?:,\d*)?\}/.test(source.text.slice(source.at))
    ) {
      throw new PatternRefusal(`a repetition counts to more than ${MAX_REPETITION}`);
    }
    return undefined;
  }
  source.at += match[0].length;
  const min = Number(match[1]);
  const max = match[2] === undefined ? min : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3]);
  if (max < min) throw new PatternRefusal('a repetition runs backwards');
  if (Math.max(min, max === Number.POSITIVE_INFINITY ? min : max) > MAX_REPETITION) {
    throw new PatternRefusal(`a repetition counts to more than ${MAX_REPETITION}`);
  }
  return [min, max];
}
