import { type BodyResult, createExchange, type Exchange } from '../exchange.ts';

export interface ExchangeParts {
  readonly method?: string;
  readonly url?: string;
  /** By lower-case name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly address?: string;
  /** Text, bytes, a value to send as JSON, or a body that could not be read. */
  readonly body?: string | Uint8Array | object;
  /** A body that could not be read. */
  readonly bodyFault?: Extract<BodyResult, { ok: false }>['code'];
}

/**
 * Builds an exchange for a test: `POST /` with a JSON content type unless told otherwise.
 *
 * @example
 * const exchange = buildExchange({ body: { comment: 'call 415-555-2671' } });
 */
export function buildExchange(parts: ExchangeParts = {}): Exchange {
  const headers: Readonly<Record<string, string>> = { 'content-type': 'application/json', ...parts.headers };
  const { bodyFault } = parts;
  return createExchange({
    method: parts.method ?? 'POST',
    url: parts.url ?? '/',
    header: (name) => (Object.hasOwn(headers, name) ? headers[name] : undefined),
    address: parts.address,
    readBody: () =>
      bodyFault === undefined ? { ok: true, bytes: bytesOf(parts.body ?? '') } : { ok: false, code: bodyFault },
  });
}

function bytesOf(body: string | Uint8Array | object): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
}
