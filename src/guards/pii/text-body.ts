import type { Place } from '../../guard.ts';
import { type Decoded, decodeJsonEscapes, decodePercent } from './decode.ts';
import { scanValue } from './json-body.ts';
import type { ReadyPolicy } from './policy.ts';
import { addFinding, isSettled, type Report, type Span } from './report.ts';
import type { ScanFinding } from './types.ts';

/** How a text may hide characters: escapes that a JSON parser would resolve, or percent-encoding. */
export type Encoding = 'escapes' | 'percent';

/**
 * Scans a body as one text: as it stands, and as it reads once decoded. Offsets are those of the text as it stands.
 * `isFixed`: nothing in it can be rewritten. Linear, but for sorting what was found.
 */
export function scanWhole(
  text: string,
  encoding: Encoding,
  policy: ReadyPolicy,
  report: Report,
  isFixed: boolean,
): void {
  for (const { finding, start, end } of spansOf(text, encoding, policy)) {
    if (isSettled(report)) return;
    addFinding(report, finding, () => ({ in: 'body', pointer: '', start, end }), isFixed ? undefined : { start, end });
  }
}

/** Scans texts that one body may be read as, up to the first that holds something: none of them can be rewritten. */
export function scanReadings(
  readings: Iterable<string>,
  encoding: Encoding,
  policy: ReadyPolicy,
  report: Report,
): void {
  const before = report.findings.length;
  for (const text of readings) {
    scanWhole(text, encoding, policy, report, true);
    if (report.findings.length > before || isSettled(report)) return;
  }
}

/** Scans a header's value or a query, which cannot be rewritten. Offsets are those of `text`. */
export function scanHead(text: string, policy: ReadyPolicy, report: Report, place: (span: Span) => Place): void {
  for (const finding of scanValue(text, policy)) {
    if (isSettled(report)) return;
    addFinding(report, finding, () => place(finding), undefined);
  }
}

interface Located extends Span {
  readonly finding: ScanFinding;
}

/** Everything found in either reading, by position; what both found, once. */
function spansOf(text: string, encoding: Encoding, policy: ReadyPolicy): readonly Located[] {
  const plain = scanValue(text, policy).map((finding) => ({ finding, start: finding.start, end: finding.end }));
  const decoded = decode(text, encoding);
  if (decoded === undefined) return plain;
  const hidden = scanValue(decoded.text, policy).map((finding) => ({
    finding,
    start: decoded.rawOffset(finding.start),
    end: decoded.rawOffset(finding.end),
  }));
  if (hidden.length === 0) return plain;
  const seen = new Set(plain.map(keyOf));
  return [...plain, ...hidden.filter((located) => !seen.has(keyOf(located)))].sort((a, b) => a.start - b.start);
}

function keyOf({ finding, start, end }: Located): string {
  return `${finding.type} ${start} ${end}`;
}

function decode(text: string, encoding: Encoding): Decoded | undefined {
  if (encoding === 'percent') return /[%+]/.test(text) ? decodePercent(text) : undefined;
  return text.includes('\\') ? decodeJsonEscapes(text) : undefined;
}
