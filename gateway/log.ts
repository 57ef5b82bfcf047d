import type { Decision } from '../src/decide.ts';
import type { Fault } from '../src/gate.ts';
import type { Sink } from '../src/sinks.ts';

export type LogFields = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** Writes one event. The gateway's is one JSON object per line on standard error. */
export type Log = (level: 'info' | 'warn' | 'error', event: string, fields?: LogFields) => void;

/** Lines per second that one kind of event may write; a flood of refusals must not become a flood of lines. */
export const MAX_LINES_PER_SECOND = 50;

/** A log that writes JSON lines, thinned to {@link MAX_LINES_PER_SECOND} by event. */
export function createJsonLog(write: (line: string) => void, now: () => number): Log {
  const windows = new Map<string, { second: number; lines: number; dropped: number }>();
  return (level, event, fields = {}) => {
    const time = now();
    const second = Math.floor(time / 1000);
    let window = windows.get(event);
    if (window === undefined || window.second !== second) {
      const dropped = window?.dropped ?? 0;
      window = { second, lines: 0, dropped: 0 };
      windows.set(event, window);
      if (dropped > 0)
        write(JSON.stringify({ time: isoTime(time), level: 'warn', event: 'thinned', of: event, dropped }));
    }
    if (window.lines >= MAX_LINES_PER_SECOND) {
      window.dropped++;
      return;
    }
    window.lines++;
    write(JSON.stringify({ time: isoTime(time), level, event, ...fields }));
  };
}

/** Logs every decision that is not plainly `allow`: ids, codes and guards, nothing of the request. */
export function decisionLog(log: Log): Sink {
  return {
    record(decision: Decision) {
      if (decision.outcome === 'allow') return;
      log(decision.status >= 500 ? 'error' : 'info', 'decision', {
        decision_id: decision.id,
        tenant: decision.tenant ?? null,
        outcome: decision.outcome,
        status: decision.status,
        code: decision.code ?? null,
        guard: decision.guard ?? null,
        reasons: decision.reasons.map(({ reason }) => reason),
        ms: Math.round(decision.ms * 1000) / 1000,
      });
    },
  };
}

/** Logs a contained failure by the error's kind: its message may hold parts of a request. */
export function faultLog(log: Log): (fault: Fault) => void {
  return ({ where, guard, error }) => {
    const kind = { where, guard: guard ?? null, error: errorKind(error) };
    if (where === 'sink') log('warn', 'sink_failed', { code: 'PTC_W003', ...kind });
    else log('error', 'fault', kind);
  };
}

/** `ENOSPC` or `TypeError`: a word that is safe to show. */
export function errorKind(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as { code?: unknown };
  const word = typeof code === 'string' ? code : error.name;
  return /^[A-Za-z0-9_]{1,40}$/.test(word) ? word : 'Error';
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
