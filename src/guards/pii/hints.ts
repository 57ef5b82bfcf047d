import type { Decoded } from './decode.ts';
import type { Found, Winner } from './pass.ts';
import type { ScanFinding } from './types.ts';

/** A value that another reading of the text has shown: it counts here too, unless a longer one covers it. */
export interface Hint {
  readonly finding: ScanFinding;
  readonly winner: Winner;
}

/** What was found, for another reading of the text; without what is there only to keep others away. */
export function hintsOf({ list, winners }: Found): readonly Hint[] {
  return exactHints(list.map((finding, at) => ({ finding, winner: winners[at]! })));
}

export function exactHints(hints: readonly Hint[]): readonly Hint[] {
  return hints.some(({ winner }) => winner.isRough) ? hints.filter(({ winner }) => !winner.isRough) : hints;
}

/** What a text is decoded to, and back. */
type Offsets = Pick<Decoded, 'rawOffset' | 'decodedStart' | 'decodedEnd'>;

/** Hints at their places in the decoded text. One that begins or ends inside an escape is rough: it covers all of that. */
export function decodedHints(
  hints: readonly Hint[],
  { rawOffset, decodedStart, decodedEnd }: Offsets,
): readonly Hint[] {
  return hints.map(({ finding, winner }) => {
    const start = decodedStart(finding.start);
    const end = decodedEnd(finding.end);
    const isExact = rawOffset(start) === finding.start && rawOffset(end) === finding.end;
    return { finding: { ...finding, start, end }, winner: isExact ? winner : { ...winner, isRough: true } };
  });
}

/** Hints of the decoded text at their places in the text as it stands. */
export function rawHints(hints: readonly Hint[], rawOffset: (offset: number) => number): readonly Hint[] {
  return hints.map(({ finding, winner }) => ({
    finding: { ...finding, start: rawOffset(finding.start), end: rawOffset(finding.end) },
    winner,
  }));
}
