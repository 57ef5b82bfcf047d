import type { Finding, Place } from '../../guard.ts';
import type { Patch } from '../../patch.ts';
import type { PiiMode } from './policy.ts';
import { labelOf, type ScanFinding } from './types.ts';

/** Findings that one verdict lists at most; what is redacted has no such limit. */
export const MAX_FINDINGS = 100;

/** What has been found in one exchange so far. */
export interface Report {
  readonly mode: PiiMode;
  readonly findings: Finding[];
  readonly patches: Patch[];
  /** Something was found that cannot be rewritten. */
  isLocked: boolean;
}

export function newReport(mode: PiiMode): Report {
  return { mode, findings: [], patches: [], isLocked: false };
}

/** Whether nothing that may still be found changes the verdict. */
export function isSettled({ mode, findings, isLocked }: Report): boolean {
  return findings.length >= MAX_FINDINGS && (mode !== 'redact' || isLocked);
}

/** Where in the body's text a value can be replaced. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Adds one finding. `place` is only asked for if it will be listed; without a span, nothing can be rewritten. */
export function addFinding(report: Report, found: ScanFinding, place: () => Place, span: Span | undefined): void {
  const { findings, patches } = report;
  if (findings.length < MAX_FINDINGS) findings.push({ rule: found.rule, place: place(), score: found.confidence });
  if (span === undefined) report.isLocked = true;
  else if (report.mode === 'redact')
    patches.push({ start: span.start, end: span.end, text: found.label ?? labelOf(found.type) });
}
