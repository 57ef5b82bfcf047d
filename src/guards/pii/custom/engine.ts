/** A stretch of a text, in UTF-16 code units; `end` exclusive. */
export interface MatchSpan {
  readonly start: number;
  readonly end: number;
}

/** A pattern, ready to be run. */
export interface CompiledPattern {
  /**
   * The leftmost match that begins at `from` or after it, first alternative first; what is before `from` is context only.
   *
   * @param text holds no lone surrogate, and is short: a window
   */
  find(text: string, from: number): MatchSpan | undefined;
}

/** A regular expression engine that takes linear time: `re2Wasm()` of `portcullis/pii-re2`, `re2js()` of `portcullis/pii-re2js`. */
export interface CustomEngine {
  readonly name: string;
  /**
   * @param source a pattern in the canonical form of {@link emit}: groups do not capture, flags are spelt out
   * @param cost what {@link costOf} says of it
   * @throws if the engine refuses it
   */
  compile(source: string, cost: number): CompiledPattern;
}

/** A pattern could not be run. The text is not clean: it was not looked at. */
export class PatternFailure extends Error {
  override readonly name = 'PatternFailure';
}
