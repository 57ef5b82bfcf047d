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

/**
 * Knows one type. `find` is called where one of `anchors` stands; for digits, at the first digit of a run where a
 * number may begin: `opensNumber` holds, and a separator or six digits more follow. It must look at a bounded number of
 * characters, or at none before the last anchor of its own kind.
 */
export interface Recognizer {
  readonly type: PiiType;
  /** Stable id of its findings: `pii/` and the type with hyphens. */
  readonly rule: string;
  /** ASCII characters; every value of the type holds at least one of them. `0` stands for all ten digits. */
  readonly anchors: string;
  /** Whether a value may begin before one of another type that was found first; the longer then counts. */
  readonly reachesBack?: boolean;
  /**
   * @param at position of the anchor
   * @param floor end of the last value found; what is before it counts as the edge of the text
   * @param back where a recognizer that reaches back may begin; never after `floor`
   */
  find(text: string, at: number, floor: number, back: number): Candidate | undefined;
}
