import { ConfigError } from '../src/errors.ts';
import { functionOption, knownOptions, numberOption } from '../src/options.ts';
import { DEFAULT_BACKOFF_MS, DEFAULT_MAX_WAIT_MS, retryDelay } from './retry.ts';

/** Where a gateway takes submissions, below its base URL. */
export const SUBMIT_PATH = '/v1/pcs/submit';

/** Times a submission is sent again after the first. */
export const DEFAULT_RETRIES = 4;

/** Milliseconds one attempt may take, answer included. */
export const DEFAULT_TIMEOUT_MS = 10_000;

/** Answers that say "later": everything else is final. */
const RETRY_STATUSES: readonly number[] = [429, 503];

export interface ClientOptions<T extends object> {
  /** Base URL of the gateway: `https://gate.example.com`. */
  readonly url: string;
  /** Sent as `X-Tenant-Id`. */
  readonly tenant?: string;
  /** Returns the record with its signature; called once a submission. */
  readonly sign: (pcs: T) => object | Promise<object>;
  /** Default {@link DEFAULT_RETRIES}. */
  readonly retries?: number;
  /** Default {@link DEFAULT_TIMEOUT_MS}. */
  readonly timeoutMs?: number;
  /** Longest first wait between attempts; it doubles with each. Default {@link DEFAULT_BACKOFF_MS}. */
  readonly backoffMs?: number;
  /** Longest wait. A `Retry-After` beyond it ends the submission with the answer at hand. Default {@link DEFAULT_MAX_WAIT_MS}. */
  readonly maxWaitMs?: number;
  readonly fetch?: typeof fetch;
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** 0 up to 1, for jitter. */
  readonly random?: () => number;
  /** Milliseconds since the epoch, for a `Retry-After` that is a date. */
  readonly now?: () => number;
}

export interface SubmitResult {
  readonly status: number;
  /** The answer's JSON; `undefined` if it is none. */
  readonly body: unknown;
  readonly headers: Headers;
  /** 1 if the first attempt was answered. */
  readonly attempts: number;
}

export interface Client<T extends object> {
  /**
   * Signs and submits one record. Resolves with any final answer, refusals included; rejects only if no attempt
   * was answered, with the last failure as `cause`, or if `signal` aborts.
   */
  submit(pcs: T, options?: { readonly signal?: AbortSignal }): Promise<SubmitResult>;
}

const OPTIONS: readonly (keyof ClientOptions<object>)[] = [
  'url',
  'tenant',
  'sign',
  'retries',
  'timeoutMs',
  'backoffMs',
  'maxWaitMs',
  'fetch',
  'sleep',
  'random',
  'now',
];

/**
 * Makes a client that submits PCS records. Network failures, time-outs, 429 and 503 are tried again a bounded number of
 * times, with exponential backoff, full jitter and never before `Retry-After`. Every attempt sends the very same bytes,
 * so an attempt whose answer was lost is answered by the gateway's replay protection with the first outcome.
 *
 * @throws {ConfigError} for an option that cannot work.
 *
 * @example
 * const client = createClient<PcsBody>({
 *   url: 'http://127.0.0.1:8080',
 *   sign: (pcs) => signPcs(pcs, { alg: 'hmac', key: 'testsecret' }),
 * });
 * const { status, body } = await client.submit(await summarize(points, { shardId: 'host-1', epoch: 1, seed: 42 }));
 */
export function createClient<T extends object>(options: ClientOptions<T>): Client<T> {
  knownOptions('client', options, OPTIONS);
  const target = submitUrl(options.url);
  const sign = functionOption('client.sign', options.sign, 'give a function that returns the signed record');
  const retries = numberOption('client.retries', options.retries, DEFAULT_RETRIES, { min: 0, max: 20, integer: true });
  const ms = { min: 1, max: 86_400_000 };
  const timeoutMs = numberOption('client.timeoutMs', options.timeoutMs, DEFAULT_TIMEOUT_MS, ms);
  const backoffMs = numberOption('client.backoffMs', options.backoffMs, DEFAULT_BACKOFF_MS, ms);
  const maxWaitMs = numberOption('client.maxWaitMs', options.maxWaitMs, DEFAULT_MAX_WAIT_MS, ms);
  const { tenant, fetch: send = fetch, sleep = sleepFor, random = Math.random, now = Date.now } = options;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (tenant !== undefined) headers['x-tenant-id'] = tenant;

  async function attempt(body: Uint8Array<ArrayBuffer>, signal: AbortSignal | undefined): Promise<Answer> {
    const timeout = AbortSignal.timeout(timeoutMs);
    const response = await send(target, {
      method: 'POST',
      headers,
      body,
      // A signed record is for this gateway, not for where it points.
      redirect: 'manual',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    return { status: response.status, headers: response.headers, body: parseOrUndefined(await response.text()) };
  }

  return {
    async submit(pcs, { signal } = {}) {
      const body = new TextEncoder().encode(JSON.stringify(await sign(pcs)));
      for (let attempts = 1; ; attempts++) {
        signal?.throwIfAborted();
        let answer: Answer | undefined;
        let failure: unknown;
        try {
          answer = await attempt(body, signal);
        } catch (error) {
          signal?.throwIfAborted();
          failure = error;
        }
        const isFinal = answer !== undefined && !RETRY_STATUSES.includes(answer.status);
        const wait = retryDelay(attempts, answer?.headers.get('retry-after'), { backoffMs, maxWaitMs, random, now });
        if (!isFinal && attempts <= retries && wait !== undefined) {
          await sleep(wait, signal);
          continue;
        }
        if (answer !== undefined) return { ...answer, attempts };
        throw new Error(`no answer from the gateway in ${attempts} attempts`, { cause: failure });
      }
    },
  };
}

type Answer = Omit<SubmitResult, 'attempts'>;

function submitUrl(url: unknown): string {
  const remedy = 'give the base URL of the gateway, http or https';
  if (typeof url !== 'string') throw new ConfigError('PTC_E001', 'client.url', url, remedy);
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw new ConfigError('PTC_E003', 'client.url', url, remedy);
  return `${url.replace(/\/+$/, '')}${SUBMIT_PATH}`;
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sleepFor(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
