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

/** Where a text can be rewritten: a label is no number, and JSON without its protected values is another. */
export type Rewritable = 'anywhere' | 'in strings' | 'nowhere';

/**
 * Scans a body as one text: as it stands, and as it reads once decoded. Offsets are those of the text as it stands.
 * Linear, but for sorting what was found.
 */
export function scanWhole(
  text: string,
  encoding: Encoding,
  policy: ReadyPolicy,
  report: Report,
  rewritable: Rewritable,
): void {
  const isInString = rewritable === 'in strings' ? stringsOf(text) : () => rewritable === 'anywhere';
  for (const { finding, start, end } of spansOf(text, encoding, policy)) {
    if (isSettled(report)) return;
    const span = isInString(start, end) ? { start, end } : undefined;
    addFinding(report, finding, () => ({ in: 'body', pointer: '', start, end }), span);
  }
}

/** Whether a stretch stands between two quotes of JSON. Stretches come in order, so that the text is gone over once. */
function stringsOf(text: string): (start: number, end: number) => boolean {
  const marks = /\\[\s\S]|"/g;
  let isOpen = false;
  /** Where what was last looked at begins, and whether that opens or closes a string. */
  let next = marks.exec(text);
  return (start, end) => {
    for (; next !== null && next.index < start; next = marks.exec(text)) if (next[0] === '"') isOpen = !isOpen;
    for (; next !== null && next[0] !== '"' && next.index < end; next = marks.exec(text));
    return isOpen && next !== null && next.index >= end;
  };
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
    scanWhole(text, encoding, policy, report, 'nowhere');
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
  const plain = scanValue(text, policy).map((finding) => outsideEscape(text, finding));
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

/** A value as it stands; what begins with the letter of an escape, as in `\njo@example.org`, begins after it. */
function outsideEscape(text: string, finding: ScanFinding): Located {
  const { start, end } = finding;
  let first = start;
  while (first > 0 && text.charCodeAt(first - 1) === BACKSLASH) first--;
  const isEscaped = (start - first) % 2 === 1;
  const length = text.startsWith('u', start) ? 5 : 1;
  return { finding, start: isEscaped && start + length < end ? start + length : start, end };
}

const BACKSLASH = 0x5c;

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
