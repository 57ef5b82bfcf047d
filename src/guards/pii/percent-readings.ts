import type { Hint } from './hints.ts';
import type { Incremental } from './incremental.ts';
import { percentTrack } from './percent-track.ts';
import type { ScanFinding } from './types.ts';

/** A finding, and the text that it covers in the reading that showed it. */
export interface Shown {
  readonly finding: ScanFinding;
  readonly value: string;
}

export interface PercentReadings {
  /** Takes more of the text, and what its first reading has shown; returns what is final now. */
  push(part: string, until: number, isLast: boolean, hints: readonly Hint[]): readonly Shown[];
  /** Every finding that is yet to come begins here or later. */
  readonly settled: number;
}

/**
 * Reads a text that holds percent-encoding twice more: decoded, knowing what it holds as it stands; and then as it stands,
 * knowing what is hidden in it. So what stands beside a value in one reading is judged as it will be once the value, in
 * whatever reading, is a label. Each reading follows behind the one before, which must be final.
 *
 * @param scan has seen everything before `from`, where nothing was encoded
 */
export function percentReadings(scan: Incremental, from: number): PercentReadings {
  const decoded = percentTrack(scan.clone(), from);
  const plain = scan.clone();
  const toDecode = backlog(from);
  const toRead = backlog(from);

  return {
    push(part, until, isLast, hints) {
      const hidden = decoded.push(toDecode.take(part, isLast ? Number.POSITIVE_INFINITY : until), isLast, hints);
      const next = toRead.take(part, isLast ? Number.POSITIVE_INFINITY : decoded.settled);
      const found = plain.push(next, isLast, hidden).map(({ finding }) => finding);
      return [
        ...hidden.map(({ finding }, at) => ({ finding, value: decoded.values[at]! })),
        ...found.map((finding) => ({ finding, value: plain.slice(finding.start, finding.end) })),
      ];
    },
    get settled() {
      return plain.settled;
    },
  };
}

/** Text that waits; it begins at `from`. */
function backlog(from: number): { take(more: string, until: number): string } {
  let text = '';
  let at = from;
  return {
    take(more, until) {
      text += more;
      const part = text.slice(0, Math.max(0, until - at));
      text = text.slice(part.length);
      at += part.length;
      return part;
    },
  };
}
