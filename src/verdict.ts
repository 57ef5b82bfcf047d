import { DECISION_CODES } from './errors.ts';
import type { Exchange } from './exchange.ts';
import type { Guard, Verdict } from './guard.ts';

/**
 * A guard's return value as a verdict that can be acted on, copied so that nobody can change it afterwards.
 * Guards come from users too, in plain JavaScript: what is not well-formed is treated as the guard's failure.
 *
 * @returns `undefined` for anything that is no verdict; may throw what a getter throws.
 */
export function soundVerdict(value: unknown, guard: Pick<Guard, 'reads'>, exchange: Exchange): Verdict | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const verdict = { ...value };
  return isVerdict(verdict, guard, exchange) ? (verdict as Verdict) : undefined;
}

function isVerdict(
  verdict: Partial<Record<string, unknown>>,
  guard: Pick<Guard, 'reads'>,
  exchange: Exchange,
): boolean {
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
