import type { Codes } from '../codes.ts';
import type { PiiType } from '../types.ts';

/** What a recognizer saw around an anchor. */
export interface Candidate {
  readonly start: number;
  readonly end: number;
  readonly confidence: number;
  /**
   * Only what stands around it, up to `end`, speaks against it. If that turns out to be a value of its own, it is looked
   * at again.
   */
  readonly spoiled?: boolean;
}

/** Digits in a row that are counted. */
export const LONGEST_RUN = 20;

/** Digits of a second group that are counted. */
export const LONGEST_SECOND = 9;

/**
 * Looks at what stands around an anchor, at a bounded number of characters.
 *
 * @param floor as for `find`
 * @param end where the text ends
 */
export type Glance = (codes: Codes, at: number, floor: number, end: number) => boolean;

/** How a number begins. */
export interface NumberShape {
  /** Digits in a row, up to {@link LONGEST_RUN}. */
  readonly run: number;
  /** What follows them, of `SEPARATORS`, where a blank and a hyphen stand for all of their kind; empty for anything else. */
  readonly separator: string;
  /** Digits in a row behind that, up to {@link LONGEST_SECOND}. */
  readonly second: number;
  /** Whether the first digit is a zero. */
  readonly isZero: boolean;
  /** Whether a separator and a digit stand before it. */
  readonly isInRow: boolean;
}

/** Longest word that recognizers are asked about, in characters. */
export const LONGEST_WORD = 4_096;

/** No value is longer, unless its recognizer says so. */
export const DEFAULT_REACH = 512;

/** Words around a value, in its line or as its JSON key, that make it more or less likely to be of the type. */
export interface Context {
  /** Whole words or phrases, in lower case: `nhs number`. Between two words may stand blanks, `_`, `-` or `.`. */
  readonly words: readonly string[];
  /** Confidence of a value with one of them near. */
  readonly confidence: number;
  /** Words before a value that halve its confidence: `order`, `version`. */
  readonly against?: readonly string[];
}

/**
 * Knows one type. Whatever it asks of a text, it must look at a bounded number of characters, or at none before the last
 * anchor of its own kind; never across a line end, unless the type itself has lines.
 */
export interface Recognizer {
  readonly type: PiiType;
  /** Stable id of its findings: `pii/` and the type with hyphens. */
  readonly rule: string;
  /** ASCII characters at which `find` is called; `0` stands for all ten digits. */
  readonly anchors?: string;
  /**
   * How many digits may stand in a row where `find` is called for a digit: it is not called for others. Default any.
   */
  readonly runs?: readonly number[];
  /**
   * What may follow fewer than seven digits in a row, of ` -./()`, where a blank and a hyphen stand for all of their kind.
   * Default all of these.
   */
  readonly separators?: string;
  /** Which of such numbers `find` is called for; asked once for each shape. Default all. */
  readonly opens?: (shape: NumberShape) => boolean;
  /** By anchor that is no digit: the ASCII characters that may stand before it. Default all. */
  readonly preceded?: Readonly<Record<string, string>>;
  /** The same for those that may follow it. */
  readonly followed?: Readonly<Record<string, string>>;
  /** The same where no part of a word stands before the anchor. Default what `followed` says. */
  readonly followedApart?: Readonly<Record<string, string>>;
  /** By anchor that is no digit: whether `find` is to be called, as far as a glance can tell. Default always. */
  readonly glances?: Readonly<Record<string, Glance>>;
  /** Whether a value may begin before one of another type that was found first; the longer then counts. */
  readonly reachesBack?: boolean;
  /**
   * Called where an anchor stands; for digits, at the first digit of a run where a number may begin: `opensNumber` holds,
   * and a separator or six digits more follow.
   *
   * @param at position of the anchor
   * @param floor end of the last value found; what is before it counts as the edge of the text
   * @param back where a recognizer that reaches back may begin; never after `floor`
   * @param run digits in a row at `at`, counted up to {@link LONGEST_RUN}; 0 if there is none
   */
  find?(text: string, at: number, floor: number, back: number, run: number): Candidate | undefined;
  /** Characters that a word may begin with, for `findWord`. */
  readonly initials?: string;
  /**
   * Called for words that hold a digit and something else: ASCII letters, digits and underscores between `start` and
   * `end`, with no such character on either side. The value begins at `start` and may go on after `end`.
   */
  findWord?(text: string, start: number, end: number, floor: number): Candidate | undefined;
  /** Characters after an anchor, or the begin of a word, that it may look at. Default {@link DEFAULT_REACH}. */
  readonly reach?: number;
  /** What a value of several lines begins with; values of other types never span a line end. */
  readonly opensLines?: string;
  readonly context?: Context;
  /** Confidence below which a value is not reported unless asked for. Default 0: all are. */
  readonly threshold?: number;
}
