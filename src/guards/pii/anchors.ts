/** What recognizers wait for, by code: {@link NO_ANCHOR}, {@link DIGIT_ANCHOR} or {@link OTHER_ANCHOR}. */
export interface Anchors {
  readonly kinds: Uint8Array;
  /** 1 for each anchor that is no digit, times 256, and a code that may stand before it. */
  readonly preceded: Uint8Array;
  /** The same for characters that may follow. */
  readonly followed: Uint8Array;
  /** The same where no part of a word stands before the anchor. */
  readonly followedApart: Uint8Array;
}

export const NO_ANCHOR = 0;
export const DIGIT_ANCHOR = 1;
export const OTHER_ANCHOR = 2;
