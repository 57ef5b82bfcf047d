import { type Decoded, decodePercent, wholeEscapesEnd } from './decode.ts';
import type { Incremental } from './incremental.ts';
import { narrow } from './normalize.ts';
import type { ScanFinding } from './types.ts';

/** A part of the decoded text, and where it and its source begin. */
interface Part {
  readonly decodedStart: number;
  readonly decodedEnd: number;
  readonly rawStart: number;
  readonly decoded: Decoded;
}

export interface Track {
  /** Takes more of the text as it stands; returns the findings that are final now, at their places in it. */
  push(part: string, isLast: boolean): readonly ScanFinding[];
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
  let settled = from;
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

  return {
    push(part, isLast) {
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
      const findings = scan.push(narrow(decoded.text), isLast);
      values = findings.map(({ start, end }) => scan.slice(start, end));
      const placed = findings.map((finding) => ({
        ...finding,
        start: rawOffset(finding.start),
        end: rawOffset(finding.end),
      }));
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
