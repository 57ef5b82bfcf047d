import type { Place } from '../../guard.ts';
import { type Decoded, decodeJsonEscapes, decodePercent } from './decode.ts';
import { decodeNumbers } from './integers.ts';
import { scanValue } from './json-body.ts';
import type { ReadyPolicy } from './policy.ts';
import { addFinding, isSettled, type Report, type Span } from './report.ts';
import { union } from './scanner.ts';
import type { ScanFinding } from './types.ts';

/** How a text may hide characters, besides escapes that a JSON parser would resolve. */
export interface Encoding {
  /** Percent-encoding and plus signs, as in forms. */
  readonly percent: boolean;
  /** Whole numbers with a fraction or an exponent. */
  readonly numbers: boolean;
}

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

/** Scans a header's value or a query, which cannot be rewritten, in all its readings. They have the same length. */
export function scanHead(
  readings: readonly string[],
  policy: ReadyPolicy,
  report: Report,
  place: (span: Span) => Place,
): void {
  const none: readonly ScanFinding[] = [];
  for (const finding of readings.reduce((all, text) => union(all, scanValue(text, policy)), none)) {
    if (isSettled(report)) return;
    addFinding(report, finding, () => place(finding), undefined);
  }
}

interface Located extends Span {
  readonly finding: ScanFinding;
}

/** Everything found in any reading, by position; what several found, once. */
function spansOf(text: string, encoding: Encoding, policy: ReadyPolicy): readonly Located[] {
  const plain = scanValue(text, policy).map((finding) => ({ finding, start: finding.start, end: finding.end }));
  const readings = decodings(text, encoding);
  if (readings.length === 0) return plain;
  const all = new Map<string, Located>(plain.map((located) => [keyOf(located), located]));
  for (const decoded of readings) {
    for (const finding of scanValue(decoded.text, policy)) {
      const located = { finding, start: decoded.rawOffset(finding.start), end: decoded.rawOffset(finding.end) };
      if (!all.has(keyOf(located))) all.set(keyOf(located), located);
    }
  }
  return [...all.values()].sort((a, b) => a.start - b.start);
}

function keyOf({ finding, start, end }: Located): string {
  return `${finding.rule} ${start} ${end}`;
}

/** What is labelled a form may be read as JSON all the same. */
function decodings(text: string, { percent, numbers }: Encoding): readonly Decoded[] {
  const whole = numbers ? decodeNumbers(text) : undefined;
  return [
    ...(text.includes('\\') ? [decodeJsonEscapes(text)] : []),
    ...(percent && /[%+]/.test(text) ? [decodePercent(text)] : []),
    ...(whole === undefined ? [] : [whole]),
  ];
}
