import { DECISION_CODES, type DecisionCode } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { type Finding, type Guard, type KnownResponse, PASS, type Place, type Verdict } from './guard.ts';
import { HEADER_NAME } from './http-token.ts';
import type { Patch } from './patch.ts';

/** Findings that a verdict may carry; a guard that reports more has not bounded its work. */
export const MAX_VERDICT_FINDINGS = 1_000;
/** Characters of a verdict's own words for the client. */
export const MAX_DETAIL_CHARS = 500;
/** Headers that a verdict or an answer may set. */
export const MAX_HEADERS = 64;
/** Characters of those headers, names and values together: clients give up at 16 KiB for all of an answer's. */
export const MAX_HEADER_CHARS = 8_192;

/**
 * Prototype of facts, so that they have no members but their own. Of an object whose prototype is `null` itself V8 makes a
 * hash table, which takes three times as long.
 */
export const NO_MEMBERS: object = /* @__PURE__ */ Object.freeze(Object.create(null));

/**
 * A guard's return value as a verdict that can be acted on: copied member by member, so that nothing in it can change,
 * throw or break an answer later. Guards come from users too, in plain JavaScript: what is not well-formed is treated
 * as the guard's failure.
 *
 * @returns `undefined` for anything that is no verdict; may throw what a getter throws.
 */
export function soundVerdict(value: unknown, guard: Pick<Guard, 'reads'>, exchange: Exchange): Verdict | undefined {
  // What most guards say most of the time; it is frozen, and holds nothing that could change.
  if (value === PASS) return PASS;
  if (!isObject(value)) return undefined;
  const verdict = kindOf(value, guard, exchange);
  return verdict !== undefined && addShared(verdict, value) ? (verdict as unknown as Verdict) : undefined;
}

/** A verdict in the making: its members are added one by one, which engines do many times faster than spreading. */
type Making = { kind: Verdict['kind'] } & Record<string, unknown>;

/** What a verdict of its kind must have. */
function kindOf(value: Loose, guard: Pick<Guard, 'reads'>, exchange: Exchange): Making | undefined {
  // Each member is read once: a getter may say something else the second time.
  const { kind, code } = value;
  switch (kind) {
    case 'pass':
      return { kind };
    case 'flag':
      if (code === undefined) return { kind };
      return isCode(code) ? { kind, code } : undefined;
    case 'escalate':
      return isCode(code) ? { kind, code } : undefined;
    case 'error':
      return isCode(code, 500, 599) ? { kind, code } : undefined;
    case 'deny':
      return soundDenial(code, value);
    case 'throttle': {
      const { retryAfterMs } = value;
      const isWait = typeof retryAfterMs === 'number' && Number.isFinite(retryAfterMs) && retryAfterMs >= 0;
      return isWait && isCode(code, 429, 429) ? { kind, code, retryAfterMs } : undefined;
    }
    case 'answer': {
      const response = soundResponse(value.response);
      return response && isCode(code) ? { kind, code, response } : undefined;
    }
    case 'redact': {
      const patches = guard.reads === 'body' ? soundPatches(value.patches, exchange) : undefined;
      return patches && { kind, patches };
    }
    default:
      return undefined;
  }
}

/** An answer that can be sent as it is, copied; `undefined` for anything else. */
export function soundResponse(value: unknown): KnownResponse | undefined {
  if (!isObject(value)) return undefined;
  const { status, body } = value;
  const headers = soundHeaders(value.headers);
  if (typeof body !== 'string' || headers === undefined || !isStatus(status, 200, 599)) return undefined;
  if (BODILESS_STATUSES.has(status) && body !== '') return undefined;
  return Object.freeze({ status, headers, body });
}

/** RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5. */
const BODILESS_STATUSES: ReadonlySet<number> = new Set([204, 205, 304]);

type Loose = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null;
}

function isStatus(status: unknown, from: number, to: number): status is number {
  return typeof status === 'number' && Number.isInteger(status) && status >= from && status <= to;
}

/** Whether a code is known and its own status lies in a range. */
function isCode(code: unknown, from = 0, to = 999): code is DecisionCode {
  if (typeof code !== 'string' || !Object.hasOwn(DECISION_CODES, code)) return false;
  return isStatus(DECISION_CODES[code as DecisionCode].status, from, to);
}

/** Adds what any verdict may have; `false` if any of it is not sound. */
function addShared(verdict: Making, { findings, facts, headers }: Loose): boolean {
  if (findings !== undefined) {
    verdict.findings = soundFindings(findings);
    if (verdict.findings === undefined) return false;
  }
  if (facts !== undefined) {
    if (!isObject(facts)) return false;
    // Spreading and freezing takes three times as long.
    verdict.facts = Object.freeze(Object.assign(Object.create(NO_MEMBERS), facts));
  }
  if (headers !== undefined) {
    verdict.headers = soundHeaders(headers);
    if (verdict.headers === undefined) return false;
  }
  return true;
}

function soundDenial(code: unknown, { status, detail }: Loose): Making | undefined {
  const isOwnStatus = isStatus(status, 400, 599);
  if (status !== undefined && !isOwnStatus) return undefined;
  if (!isCode(code) || !isStatus(isOwnStatus ? status : DECISION_CODES[code].status, 400, 599)) return undefined;
  if (detail !== undefined && (typeof detail !== 'string' || detail.length > MAX_DETAIL_CHARS)) return undefined;
  const verdict: Making = { kind: 'deny', code };
  if (isOwnStatus) verdict.status = status;
  if (detail !== undefined) verdict.detail = detail;
  return verdict;
}

function soundFindings(value: unknown): readonly Finding[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_VERDICT_FINDINGS) return undefined;
  const findings: Finding[] = [];
  for (let at = 0; at < value.length; at++) {
    const item: unknown = value[at];
    if (!isObject(item)) return undefined;
    const { rule, score, place: where } = item;
    const place = soundPlace(where);
    if (typeof rule !== 'string' || place === undefined || typeof score !== 'number' || !Number.isFinite(score)) {
      return undefined;
    }
    findings.push(Object.freeze({ rule, place, score }));
  }
  return Object.freeze(findings);
}

function soundPlace(value: unknown): Place | undefined {
  if (!isObject(value)) return undefined;
  const { in: where, start, end, pointer, name } = value;
  if (!isOffset(start) || !isOffset(end)) return undefined;
  const span = { ...(start !== undefined && { start }), ...(end !== undefined && { end }) };
  if (where === 'body')
    return typeof pointer === 'string' ? Object.freeze({ in: 'body', pointer, ...span }) : undefined;
  if (where === 'header') return typeof name === 'string' ? Object.freeze({ in: 'header', name, ...span }) : undefined;
  return where === 'query' ? Object.freeze({ in: 'query', ...span }) : undefined;
}

function isOffset(value: unknown): value is number | undefined {
  return value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0);
}

/** A patch outside the text, or for a body that is no text, would leave a value where it is. */
function soundPatches(value: unknown, exchange: Exchange): readonly Patch[] | undefined {
  const length = exchange.text()?.length;
  // One before each character and one at the end is the most that can mean anything.
  if (!Array.isArray(value) || length === undefined || value.length > length + 1) return undefined;
  const patches: Patch[] = [];
  for (let at = 0; at < value.length; at++) {
    const item: unknown = value[at];
    if (!isObject(item)) return undefined;
    const { start, end, text } = item;
    if (!isOffset(start) || !isOffset(end) || start === undefined || end === undefined) return undefined;
    if (start > end || end > length || typeof text !== 'string') return undefined;
    patches.push(Object.freeze({ start, end, text }));
  }
  return Object.freeze(patches);
}

/** RFC 9110 section 5.5: visible characters, blanks and bytes above ASCII. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** How a message is framed and carried is the server's to say (RFC 9110 section 7.6.1, RFC 9112 section 6). */
const FRAMING_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Names in lower case, so that one guard's header replaces another's. */
function soundHeaders(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) return undefined;
  const headers: Record<string, string> = {};
  const entries = Object.entries(value);
  if (entries.length > MAX_HEADERS) return undefined;
  let chars = 0;
  for (const [key, text] of entries) {
    if (!HEADER_NAME.test(key) || typeof text !== 'string' || !HEADER_VALUE.test(text)) return undefined;
    const name = key.toLowerCase();
    chars += name.length + text.length;
    if (FRAMING_HEADERS.has(name) || Object.hasOwn(headers, name) || chars > MAX_HEADER_CHARS) return undefined;
    headers[name] = text;
  }
  return Object.freeze(headers);
}
