import { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Decision, endsWalk } from '../src/decide.ts';
import { createExchange, type Exchange, redactedBytes } from '../src/exchange.ts';
import type { Gate } from '../src/gate.ts';
import { functionOption, knownOptions, wordOption } from '../src/options.ts';
import { problemResponse } from '../src/problem.ts';
import { maxBodyBytesOption } from './max-body-bytes.ts';
import { inflateBody } from './node-body.ts';
import { type HeldResponse, holdResponse } from './node-held.ts';

/** What happens to responses. */
export interface EgressOptions {
  /** Looks at responses as the request's gate looks at requests: method and path are the request's, headers and body the response's. */
  readonly gate: Gate;
  /**
   * A response that is written in parts: `pass` lets it through unseen (the default), `hold` keeps it until it is whole.
   * A response that is sent at once, as `res.json()` and `res.send()` do, is seen in either case.
   */
  readonly streams?: 'pass' | 'hold';
  /** Largest response that is looked at, in bytes, after decompression. Default 1 MiB. */
  readonly maxBodyBytes?: number;
}

/** Options, checked. */
export type Egress = Required<EgressOptions>;

/** @throws {ConfigError} naming the option. */
export function egressOption(option: string, value: EgressOptions | undefined): Egress | undefined {
  if (value === undefined) return undefined;
  knownOptions(option, value, ['gate', 'streams', 'maxBodyBytes']);
  functionOption(`${option}.gate`, value.gate?.inspect, 'give what createGate() returned');
  return {
    gate: value.gate,
    streams: wordOption(`${option}.streams`, value.streams, 'pass', ['pass', 'hold']),
    maxBodyBytes: maxBodyBytesOption(`${option}.maxBodyBytes`, value.maxBodyBytes),
  };
}

/**
 * Has a gate look at what goes out. Nothing is sent before its decision, but for streams that are to pass. What it refuses is
 * answered 500 with a problem that says nothing of the response; what it redacts goes out without what described the old
 * bytes. Where the response was never whole (a stream that passes, a body larger than the cap under a reporting gate) it goes
 * out as it came.
 */
export function watchResponse(req: IncomingMessage, res: ServerResponse, request: Exchange, egress: Egress): void {
  const { gate, streams, maxBodyBytes } = egress;
  const held = holdResponse(req, res, { streams, maxBodyBytes, onHeld: () => void decide() });

  async function decide(): Promise<void> {
    const response = createExchange({
      method: request.method,
      url: request.query === '' ? request.path : `${request.path}?${request.query}`,
      header: held.header,
      address: request.address,
      request,
      readBody() {
        if (held.size === 0 || isBodiless(held.status)) return { ok: true, bytes: new Uint8Array(0) };
        if (isPartial(held)) return { ok: false, code: 'PTC_D103' };
        if (isCoded(held)) return { ok: false, code: 'PTC_D102' };
        if (held.size > maxBodyBytes) return { ok: false, code: 'PTC_D101' };
        return inflateBody(held.body(), held.header('content-encoding'), maxBodyBytes);
      },
    });
    let decision: Decision | undefined;
    try {
      decision = await gate.inspect(response);
      apply(decision, response);
    } catch {
      // The gate failed, or a wrapper of the response did, which may never send anything again.
      try {
        refuse(decision);
      } catch {}
      if (!res.writableEnded) res.destroy();
    }
  }

  function apply(decision: Decision, response: Exchange): void {
    const isSent = decision.outcome === 'allow' || decision.outcome === 'escalate';
    // Nothing goes out of it any more: its callbacks come to an end.
    if (res.destroyed) held.release();
    else if (!isSent) refuse(decision);
    else {
      if (isEnforcing(decision)) held.dropPhrase();
      if (decision.patches.length === 0) held.release();
      else held.replace(Buffer.from(redactedBytes(response, decision.patches)), DESCRIBES_BYTES);
    }
  }

  function refuse(decision: Decision | undefined): void {
    const ruling = { status: 500, code: 'PTC_D202', guard: decision?.guard ?? 'egress' } as const;
    const nothing = { reasons: [], findings: [], patches: [], headers: {} };
    const problem = problemResponse({ outcome: 'deny', ...ruling, ...nothing }, decision?.id ?? '');
    const mayStay = areClean(decision);
    held.refuse(problem, (header) => mayStay && OUTLIVES_BODY.test(header));
  }
}

/** Whether a refusal by any of the guards would have counted. */
function isEnforcing({ verdicts }: Decision): boolean {
  return verdicts.some((run) => endsWalk({ ...run, verdict: { kind: 'deny', code: 'PTC_D202' } }));
}

/** Whether no guard found anything in the headers that a refusal keeps: of those, it may have looked at the first only. */
function areClean(decision: Decision | undefined): boolean {
  const findings = decision?.verdicts.flatMap(({ verdict }) => verdict.findings ?? []) ?? [];
  return !findings.some(({ place }) => place.in === 'header' && OUTLIVES_BODY.test(place.name.toLowerCase()));
}

/** Statuses whose body Node never sends. */
function isBodiless(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}

/** A range of something larger: a value that it cuts shows in neither part, and its place is counted in the old bytes. */
function isPartial({ status, header }: HeldResponse): boolean {
  if (status === 206 || /^\s*multipart\/byteranges\b/i.test(header('content-type') ?? '')) return true;
  return status !== 416 && header('content-range') !== undefined;
}

/** Compressed for the transfer, which the application must have done itself: Node only cuts chunks. */
function isCoded({ header }: HeldResponse): boolean {
  return !/^\s*(?:chunked|identity)\s*$/i.test(header('transfer-encoding') ?? 'identity');
}

/** Headers that say something of bytes that a redaction has changed. */
const DESCRIBES_BYTES = [
  'content-encoding',
  'content-md5',
  'content-digest',
  'repr-digest',
  'digest',
  'etag',
  'accept-ranges',
];
/** What a refusal keeps of the application's headers: anything else may hold what was found. */
const OUTLIVES_BODY = /^(?:access-control-|strict-transport-security$|vary$)/;
