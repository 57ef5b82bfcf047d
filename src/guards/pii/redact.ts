import { labelOf, type ScanFinding } from './types.ts';

/** Puts a label where each finding is. Findings are sorted and do not overlap, as a scan gives them. Linear. */
export function redactFindings(text: string, findings: readonly ScanFinding[]): string {
  let redacted = '';
  let from = 0;
  for (const { type, label, start, end } of findings) {
    redacted += text.slice(from, start) + (label ?? labelOf(type));
    from = end;
  }
  return redacted + text.slice(from);
}
