import { setTimeout as pause } from 'node:timers/promises';
import type { InboxRecord } from '../inbox-log.ts';
import { PASS_HEADER } from './pass.ts';

/** Requests under way at the same time. */
export const CONCURRENCY = 4;
/** Times that one request is sent before it counts as failed. */
export const ATTEMPTS = 5;
/** Longest wait that a gateway's `Retry-After` is followed for, in seconds. */
export const MAX_WAIT_SECONDS = 60;
/** Milliseconds that an answer may take. */
export const ANSWER_MS = 30_000;
/** Failures one after the other from which on nothing more is sent: the gateway has not recovered. */
export const MAX_FAILURES = 8;

/** What came of the requests that were submitted again. */
export interface Resubmitted {
  accepted: number;
  escalated: number;
  refused: number;
  failed: number;
}

export interface ResubmitOptions {
  /** Where the gateway listens. */
  readonly url: string;
  /** Of that gateway, so that what strangers sent counts against nobody here. */
  readonly pass?: string | undefined;
  /** Called after each request. */
  readonly onDone?: () => void;
}

/**
 * Submits requests again, a few at a time, following `Retry-After`. Stops when one after the other fails; those that were not
 * sent then count as failed too, and the next run finds them again.
 *
 * @example
 * const { accepted, failed } = await resubmit(records, { url: 'http://127.0.0.1:8080' });
 */
export async function resubmit(records: AsyncIterable<InboxRecord>, options: ResubmitOptions): Promise<Resubmitted> {
  const { url, pass, onDone } = options;
  const counts: Resubmitted = { accepted: 0, escalated: 0, refused: 0, failed: 0 };
  const next = records[Symbol.asyncIterator]();
  let failures = 0;

  async function work(): Promise<void> {
    for (;;) {
      const { done, value } = await next.next();
      if (done) return;
      const ending = failures >= MAX_FAILURES ? 'failed' : await submit(url, pass, value);
      counts[ending]++;
      failures = ending === 'failed' ? failures + 1 : 0;
      onDone?.();
    }
  }

  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return counts;
}

async function submit(url: string, pass: string | undefined, { head, body }: InboxRecord): Promise<keyof Resubmitted> {
  for (let attempt = 1; ; attempt++) {
    const answer = await post(url, pass, head.tenant, body);
    if (answer !== undefined && answer.status < 300) return answer.status === 202 ? 'escalated' : 'accepted';
    if (answer !== undefined && answer.status < 500 && answer.status !== 429) return 'refused';
    if (attempt === ATTEMPTS || (answer?.waitSeconds ?? 1) > MAX_WAIT_SECONDS) return 'failed';
    await pause((answer?.waitSeconds ?? 1) * 1_000);
  }
}

/** `undefined` where there was no answer. */
async function post(
  url: string,
  pass: string | undefined,
  tenant: string | null,
  body: Uint8Array,
): Promise<{ readonly status: number; readonly waitSeconds: number } | undefined> {
  try {
    const response = await fetch(new URL('/v1/pcs/submit', url), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(tenant !== null && { 'x-tenant-id': tenant }),
        ...(pass !== undefined && { [PASS_HEADER]: pass }),
      },
      body: Uint8Array.from(body),
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await response.arrayBuffer();
    const wait = Number(response.headers.get('retry-after'));
    return { status: response.status, waitSeconds: Number.isFinite(wait) && wait > 0 ? wait : 1 };
  } catch {
    return undefined;
  }
}
