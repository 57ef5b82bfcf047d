/** Years as directories of a ledger are named by them. */
export const YEAR: RegExp = /^\d{4}$/;
/** Months, and days of them. */
export const MONTH_OR_DAY: RegExp = /^\d{2}$/;

const FILE = /^(\d{6})(?:-([1-9]\d{0,8}))?(\.jsonl|\.seal\.json)$/;
const NAME = /^(\d{4}\/\d{2}\/\d{2})\/([^/]+)$/;

/** What the name of a file in the directory of a day says. */
export interface SegmentFile {
  /** Name without its ending: what segment and seal have in common. */
  readonly base: string;
  /** `HHmmss` of when it was begun, UTC, as a number. */
  readonly time: number;
  /** Place among those of that second; 0 is the first. */
  readonly n: number;
  readonly isSeal: boolean;
}

/** Reads the name of a segment's file or of its seal; `undefined` for any other. */
export function segmentFileOf(file: string): SegmentFile | undefined {
  const [, time, n, ending] = FILE.exec(file) ?? [];
  if (time === undefined || ending === undefined) return undefined;
  return { base: file.slice(0, -ending.length), time: Number(time), n: Number(n ?? 0), isSeal: ending !== '.jsonl' };
}

/**
 * The name of a segment that is begun now. It sorts behind the one before it, whatever the clock does: where the clock
 * went back, or stands in the same second, the number goes up instead.
 *
 * @param after name of the newest segment
 * @returns `undefined` where no name is left that readers take: a number past nine digits, a year past four
 */
export function nextSegmentName(now: number, after: string | undefined): string | undefined {
  const instant = new Date(now).toISOString();
  const name = `${instant.slice(0, 10).replaceAll('-', '/')}/${instant.slice(11, 19).replaceAll(':', '')}.jsonl`;
  const [, day = '', file = ''] = NAME.exec(after ?? '') ?? [];
  const found = segmentFileOf(file);
  const first = `${day}/${file.slice(0, 6)}`;
  const next = found === undefined || `${first}.jsonl` < name ? name : `${first}-${found.n + 1}.jsonl`;
  const [, , made = ''] = NAME.exec(next) ?? [];
  return segmentFileOf(made) === undefined ? undefined : next;
}
