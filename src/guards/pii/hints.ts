import type { Found, Winner } from './pass.ts';
import type { ScanFinding } from './types.ts';

/** A value that another reading of the text has shown: it counts here too, unless a longer one covers it. */
export interface Hint {
  readonly finding: ScanFinding;
  readonly winner: Winner;
}

/** What was found, for another reading of the text. */
export function hintsOf({ list, winners }: Found): readonly Hint[] {
  return list.map((finding, at) => ({ finding, winner: winners[at]! }));
}

/**
 * Hints at their places in another reading.
 *
 * @param back if given, hints that it does not lead back from are left out: they begin or end inside an escape
 */
export function movedHints(
  hints: readonly Hint[],
  offset: (position: number) => number,
  back?: (position: number) => number,
): readonly Hint[] {
  const moved: Hint[] = [];
  for (const { finding, winner } of hints) {
    const start = offset(finding.start);
    const end = offset(finding.end);
    if (back !== undefined && (back(start) !== finding.start || back(end) !== finding.end)) continue;
    moved.push({ finding: { ...finding, start, end }, winner });
  }
  return moved;
}
