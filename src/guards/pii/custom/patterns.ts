import { ConfigError } from '../../../errors.ts';
import { knownOptions, numberOption } from '../../../options.ts';
import { type ContextTest, contextTest } from '../context.ts';
import type { Context } from '../recognizers/recognizer.ts';
import { emit } from './emit.ts';
import type { CompiledPattern, CustomEngine } from './engine.ts';
import type { Prepared } from './find-all.ts';
import { literalOf } from './literal.ts';
import { costOf, lengthsOf } from './measure.ts';
import { parsePattern } from './parse.ts';
import { PatternRefusal } from './syntax.ts';
import { MAX_TRIAL_WORK, trialWork } from './trial.ts';

/** Something of one's own to look for. */
export interface CustomPattern {
  /** Lower-case words with hyphens: `employee-id`. Its findings are of the rule `pii/custom/employee-id`. */
  readonly name: string;
  /** RE2 syntax. It sees the text with full-width forms narrowed and percent-encoding undone. */
  readonly pattern: string;
  /** Any of `i` (letter case does not matter), `m` (`^` and `$` at line ends too), `s` (a dot matches line ends). */
  readonly flags?: string;
  /** Default {@link DEFAULT_CONFIDENCE}. */
  readonly confidence?: number;
  /** Confidence from which a match counts, over the scanner's own threshold. Default 0. */
  readonly threshold?: number;
  /** What redaction puts in its place is `[REDACTED_` and this. Default the name in upper case: `EMPLOYEE_ID`. */
  readonly label?: string;
  /** Words near a match that make it more or less likely. */
  readonly context?: Context;
}

/** A pattern, checked and compiled. */
export interface ReadyPattern extends Prepared {
  readonly name: string;
  readonly rule: string;
  readonly label: string;
  readonly confidence: number;
  readonly threshold: number;
  readonly context: ContextTest | undefined;
}

/** Patterns of one scanner or policy. */
export const MAX_PATTERNS = 32;
/** Characters of one pattern. */
export const MAX_PATTERN_CHARS = 1_000;
/** What one pattern may cost, see {@link costOf}. */
export const MAX_COST = 1_000;
/** Confidence of a match whose pattern names none. */
export const DEFAULT_CONFIDENCE = 0.8;

const NAME = /^(?=.{1,48}$)[a-z]+(?:-[a-z]+)*$/;
const LABEL = /^(?=.{1,48}$)[A-Z]+(?:_[A-Z]+)*$/;
const OPTIONS = [
  'name',
  'pattern',
  'flags',
  'confidence',
  'threshold',
  'label',
  'context',
] as const satisfies readonly (keyof CustomPattern)[];

/**
 * Checks patterns and compiles them.
 *
 * @throws {ConfigError} naming the pattern that cannot be used, by its name, and why; never showing it.
 */
export function readyPatterns(
  option: string,
  patterns: readonly CustomPattern[] | undefined,
  engine: CustomEngine | undefined,
): readonly ReadyPattern[] {
  if (patterns === undefined) return [];
  if (!Array.isArray(patterns))
    throw new ConfigError('PTC_E002', `${option}.patterns`, patterns, 'give an array of patterns');
  if (patterns.length > MAX_PATTERNS) {
    throw new ConfigError('PTC_E003', `${option}.patterns`, patterns, `give ${MAX_PATTERNS} patterns or less`);
  }
  if (patterns.length === 0) return [];
  if (typeof engine?.compile !== 'function') {
    const remedy = 'give re2Wasm() of portcullis/pii-re2 or re2js() of portcullis/pii-re2js';
    throw new ConfigError(engine === undefined ? 'PTC_E001' : 'PTC_E002', `${option}.engine`, engine, remedy);
  }
  const names = new Set<string>();
  return patterns.map((pattern, i) => {
    const ready = readyPattern(`${option}.patterns`, i, pattern, engine);
    if (names.has(ready.name)) {
      throw new ConfigError(
        'PTC_E003',
        `${option}.patterns.${ready.name}`,
        ready.name,
        'give each pattern a name of its own',
      );
    }
    names.add(ready.name);
    return ready;
  });
}

function readyPattern(option: string, i: number, custom: CustomPattern, engine: CustomEngine): ReadyPattern {
  knownOptions(`${option}[${i}]`, custom, OPTIONS);
  const name = worded(
    `${option}[${i}].name`,
    custom.name,
    NAME,
    'lower-case words with hyphens between, 48 characters at most',
  );
  const where = `${option}.${name}`;
  const { pattern, flags = '' } = custom;
  const chars = `give 1 to ${MAX_PATTERN_CHARS} characters of RE2 syntax`;
  if (typeof pattern !== 'string') {
    throw new ConfigError(pattern === undefined ? 'PTC_E001' : 'PTC_E002', `${where}.pattern`, pattern, chars);
  }
  if (pattern === '' || pattern.length > MAX_PATTERN_CHARS) {
    throw new ConfigError('PTC_E003', `${where}.pattern`, pattern, chars);
  }
  if (typeof flags !== 'string' || !/^[ims]{0,3}$/.test(flags) || new Set(flags).size < flags.length) {
    throw new ConfigError('PTC_E003', `${where}.flags`, flags, 'use any of i, m and s, each once');
  }
  const label = worded(
    `${where}.label`,
    custom.label ?? name.toUpperCase().replaceAll('-', '_'),
    LABEL,
    'upper-case words with underscores between, 48 characters at most',
  );
  const range = { min: 0, max: 1 };
  return {
    name,
    rule: `pii/custom/${name}`,
    label: `[REDACTED_${label}]`,
    confidence: numberOption(`${where}.confidence`, custom.confidence, DEFAULT_CONFIDENCE, range),
    threshold: numberOption(`${where}.threshold`, custom.threshold, 0, range),
    context: contextOption(`${where}.context`, custom.context),
    ...prepared(where, pattern, flags, engine),
  };
}

/** Everything that does not depend on the engine is decided before it is asked, so that all engines refuse the same. */
function prepared(where: string, pattern: string, flags: string, engine: CustomEngine): Prepared {
  try {
    const node = parsePattern(pattern, flags);
    const cost = costOf(node);
    const lengths = lengthsOf(node);
    if (lengths.min === 0) throw new PatternRefusal('it matches the empty text');
    if (cost > MAX_COST) throw new PatternRefusal('it is too large: use fewer or shorter repetitions and classes');
    if (trialWork(node) > MAX_TRIAL_WORK) {
      throw new PatternRefusal('there are too many ways to match it: let what stands side by side differ, repeat less');
    }
    return { compiled: compiled(engine, emit(node), cost), lengths, literal: literalOf(node) };
  } catch (error) {
    if (error instanceof PatternRefusal) throw new ConfigError('PTC_E003', `${where}.pattern`, pattern, error.message);
    throw error;
  }
}

function compiled(engine: CustomEngine, source: string, cost: number): CompiledPattern {
  try {
    return engine.compile(source, cost);
  } catch {
    // What engines say shows the pattern.
    throw new PatternRefusal('the engine refuses it');
  }
}

function worded(option: string, value: unknown, form: RegExp, remedy: string): string {
  if (typeof value === 'string' && form.test(value)) return value;
  const code = value === undefined ? 'PTC_E001' : typeof value === 'string' ? 'PTC_E003' : 'PTC_E002';
  throw new ConfigError(code, option, value, `give ${remedy}`);
}

function contextOption(option: string, context: Context | undefined): ContextTest | undefined {
  if (context === undefined) return undefined;
  knownOptions(option, context, ['words', 'confidence', 'against']);
  const isWords = (words: unknown): boolean =>
    Array.isArray(words) &&
    words.length <= 64 &&
    words.every((word) => typeof word === 'string' && /^.{1,48}$/u.test(word));
  if (!isWords(context.words) || context.words.length === 0 || !isWords(context.against ?? [])) {
    throw new ConfigError('PTC_E002', option, context, 'give words, and against if any, of 64 words or less');
  }
  const confidence = numberOption(`${option}.confidence`, context.confidence, 1, { min: 0, max: 1 });
  const { words, against } = context;
  return contextTest({ words, confidence, ...(against !== undefined && against.length > 0 && { against }) });
}
