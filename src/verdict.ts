import { DECISION_CODES } from './errors.ts';
import type { Exchange } from './exchange.ts';
import type { Guard, Verdict } from './guard.ts';

/**
 * Whether a guard's return value is a verdict that can be acted on. Guards come from users too, in plain
 * JavaScript: what is not well-formed is treated as the guard's failure.
 */
export function isVerdict(value: unknown, guard: Pick<Guard, 'reads'>, exchange: Exchange): value is Verdict {
  if (typeof value !== 'object' || value === null) return false;
  const verdict = value as Partial<Record<string, unknown>>;
  if (verdict.findings !== undefined && !Array.isArray(verdict.findings)) return false;
  switch (verdict.kind) {
    case 'pass':
      return true;
    case 'flag':
      return verdict.code === undefined || isCode(verdict.code);
    case 'escalate':
    case 'error':
      return isCode(verdict.code);
    case 'deny':
      return isCode(verdict.code) && (verdict.status === undefined || isRefusalStatus(verdict.status));
    case 'throttle':
      return isCode(verdict.code) && typeof verdict.retryAfterMs === 'number' && verdict.retryAfterMs >= 0;
    case 'answer':
      return isCode(verdict.code) && isKnownResponse(verdict.response);
    case 'redact':
      return guard.reads === 'body' && arePatches(verdict.patches, exchange);
    default:
      return false;
  }
}

function isCode(code: unknown): boolean {
  return typeof code === 'string' && Object.hasOwn(DECISION_CODES, code);
}

function isRefusalStatus(status: unknown): boolean {
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599;
}

function isKnownResponse(response: unknown): boolean {
  if (typeof response !== 'object' || response === null) return false;
  const { status, headers, body } = response as Partial<Record<string, unknown>>;
  return (
    typeof status === 'number' &&
    Number.isInteger(status) &&
    status >= 200 &&
    status <= 599 &&
    typeof headers === 'object' &&
    headers !== null &&
    typeof body === 'string'
  );
}

/** A patch outside the text, or for a body that is no text, would leave a value where it is. */
function arePatches(patches: unknown, exchange: Exchange): boolean {
  const length = exchange.text()?.length;
  if (!Array.isArray(patches) || length === undefined) return false;
  return patches.every(
    ({ start, end, text }) =>
      Number.isInteger(start) &&
      Number.isInteger(end) &&
      start >= 0 &&
      start <= end &&
      end <= length &&
      typeof text === 'string',
  );
}
