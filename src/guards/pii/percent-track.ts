import { type Decoded, decodePercent, wholeEscapesEnd } from './decode.ts';
import { decodedHints, exactHints, type Hint, rawHints } from './hints.ts';
import type { Incremental } from './incremental.ts';
import { narrow } from './normalize.ts';

/** A part of the decoded text, and where it and its source begin. */
interface Part {
  readonly decodedStart: number;
  readonly decodedEnd: number;
  readonly rawStart: number;
  readonly decoded: Decoded;
}

export interface Track {
  /**
   * Takes more of the text as it stands; returns the findings that are final now, at their places in it.
   *
   * @param hints what the text as it stands has shown; all that begin in this part must be among them
   */
  push(part: string, isLast: boolean, hints: readonly Hint[]): readonly Hint[];
  /** Every finding that is yet to come begins here or later. */
  readonly settled: number;
  /** The decoded text of a finding that was just returned, in the order of their return. */
  readonly values: readonly string[];
}

/**
 * Scans a text with its percent-encoding decoded.
 *
 * @param scan has seen everything before `from`, where nothing was encoded
 */
export function percentTrack(scan: Incremental, from: number): Track {
  let parts: Part[] = [];
  let pending = '';
  let raw = from;
  let decodedAt = from;
  let settled = scan.settled;
  let waiting: readonly Hint[] = [];
  let values: readonly string[] = [];

  function rawOffset(offset: number): number {
    let low = 0;
    let high = parts.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (parts[middle]!.decodedEnd < offset) low = middle + 1;
      else high = middle;
    }
    const part = parts[low];
    if (part === undefined || offset < part.decodedStart) return offset;
    return part.rawStart + part.decoded.rawOffset(offset - part.decodedStart);
  }

  function decodedStart(offset: number): number {
    const part = parts.findLast(({ rawStart }) => rawStart <= offset);
    return part === undefined ? offset : part.decodedStart + part.decoded.decodedStart(offset - part.rawStart);
  }

  function decodedEnd(offset: number): number {
    const part = parts.findLast(({ rawStart }) => rawStart < offset);
    return part === undefined ? offset : part.decodedStart + part.decoded.decodedEnd(offset - part.rawStart);
  }

  /** Hints in the text that has been decoded; the others wait. */
  function readable(hints: readonly Hint[]): readonly Hint[] {
    const all = [...waiting, ...hints];
    const count = all.findLastIndex(({ finding }) => finding.end <= raw) + 1;
    waiting = all.slice(count);
    return decodedHints(all.slice(0, count), { rawOffset, decodedStart, decodedEnd });
  }

  return {
    push(part, isLast, hints) {
      pending += part;
      const cut = isLast ? pending.length : wholeEscapesEnd(pending);
      const decoded = decodePercent(pending.slice(0, cut), false);
      parts.push({
        decodedStart: decodedAt,
        decodedEnd: decodedAt + decoded.text.length,
        rawStart: raw,
        decoded,
      });
      decodedAt += decoded.text.length;
      raw += cut;
      pending = pending.slice(cut);
      const found = exactHints(scan.push(narrow(decoded.text), isLast, readable(hints)));
      values = found.map(({ finding: { start, end } }) => scan.slice(start, end));
      const placed = rawHints(found, rawOffset);
      settled = rawOffset(scan.settled);
      const stale = parts.findIndex(({ decodedEnd }) => decodedEnd >= scan.settled);
      if (2 * stale > parts.length) parts = parts.slice(stale);
      return placed;
    },
    get settled() {
      return settled;
    },
    get values() {
      return values;
    },
  };
}
