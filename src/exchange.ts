import { bytesToHex } from '@noble/hashes/utils.js';
import type { DecisionCode } from './errors.ts';
import { ConfigError } from './errors.ts';
import { type JsonResult, parseJson } from './json.ts';
import { applyPatches, type Patch } from './patch.ts';
import { sha256Hex } from './sha256.ts';
import { fromUtf8 } from './utf8.ts';

/** What came of reading the body. A failure is data: the gate turns it into a verdict. */
export type BodyResult =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly code: DecisionCode };

/** What an adapter knows of a request. */
export interface ExchangeInit {
  readonly method: string;
  /** The request target as the client sent it: `/v1/x?y=1`, or a whole URL. A fragment does not count. */
  readonly url: string;
  /** A header's value by lower-case name; several values joined with `, `. */
  readonly header: (name: string) => string | undefined;
  /** The client's address, if the adapter may trust what it knows. */
  readonly address?: string | undefined;
  /** The request that this answers, where what is looked at is a response. */
  readonly request?: Exchange | undefined;
  /** Reads the body, capped and decompressed. Called at most once, and only if a guard needs it. */
  readonly readBody: () => BodyResult | Promise<BodyResult>;
}

/** One request under inspection. Immutable; body and JSON are read once, when first needed. */
export interface Exchange {
  readonly method: string;
  /** Begins with a slash, `OPTIONS *` excepted; without origin, query and fragment; percent-encoded as it came. */
  readonly path: string;
  /** Without the question mark; empty if there is none. */
  readonly query: string;
  readonly address: string | undefined;
  /** The request that this answers, where what is looked at is a response: `exchange.request?.header('x-tenant-id')`. */
  readonly request: Exchange | undefined;
  header(name: string): string | undefined;
  /** Reads the body once. The gate calls it before a guard with `reads: 'body'`. */
  loadBody(): BodyResult | Promise<BodyResult>;
  /** Whether the body has been read. */
  readonly isRead: boolean;
  /** The body's bytes, decompressed. Only after `loadBody`. */
  bytes(): Uint8Array;
  /** The body as text, or `undefined` if it is not well-formed UTF-8. A byte order mark is kept. */
  text(): string | undefined;
  /** The body as JSON, parsed once and strictly: duplicate keys, depth and encoding are checked. */
  json(): JsonResult;
  /** SHA-256 of the body, 64 lower-case hex; a promise of it for large bodies. */
  digest(): string | Promise<string>;
}

/**
 * Makes an exchange from what an adapter knows. Every derived form is computed at most once.
 *
 * @example
 * const exchange = createExchange({
 *   method: 'POST',
 *   url: '/comments',
 *   header: (name) => request.headers.get(name) ?? undefined,
 *   readBody: async () => ({ ok: true, bytes: new Uint8Array(await request.arrayBuffer()) }),
 * });
 */
export function createExchange(init: ExchangeInit): Exchange {
  const target = targetOf(init.url);
  let body: BodyResult | Promise<BodyResult> | undefined;
  let bytes: Uint8Array | undefined;
  let text: string | undefined | null = null;
  let json: JsonResult | undefined;
  let digest: string | Promise<string> | undefined;

  const exchange: Exchange = {
    method: init.method,
    path: target.path,
    query: target.query,
    address: init.address,
    request: init.request,
    header: init.header,
    loadBody() {
      body ??= init.readBody();
      if (!(body instanceof Promise)) {
        if (body.ok) bytes = body.bytes;
        return body;
      }
      return body.then((result) => {
        body = result;
        if (result.ok) bytes = result.bytes;
        return result;
      });
    },
    get isRead() {
      return bytes !== undefined;
    },
    bytes() {
      if (bytes === undefined) {
        throw new ConfigError('PTC_E014', 'guard.reads', undefined, "set reads: 'body' on a guard that reads the body");
      }
      return bytes;
    },
    text() {
      if (text === null) text = fromUtf8(exchange.bytes());
      return text;
    },
    json() {
      if (json === undefined) {
        const source = exchange.text();
        json = source === undefined ? { ok: false, code: 'PTC_D106' } : parseJson(source);
      }
      return json;
    },
    digest() {
      digest ??= digestOf(exchange.bytes());
      return digest;
    },
  };
  return Object.freeze(exchange);
}

/** Scheme and authority in front of a path: the absolute form of a request target (RFC 9112 section 3.2.2). */
const ORIGIN = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/;

function targetOf(url: string): { readonly path: string; readonly query: string } {
  const hash = url.indexOf('#');
  const whole = hash < 0 ? url : url.slice(0, hash);
  const local = whole.startsWith('/') ? whole : whole.replace(ORIGIN, '');
  const mark = local.indexOf('?');
  const path = mark < 0 ? local : local.slice(0, mark);
  return { path: path === '' ? '/' : path, query: mark < 0 ? '' : local.slice(mark + 1) };
}

/** The body with patches applied: the very same bytes if there are none. */
export function redactedBytes(exchange: Exchange, patches: readonly Patch[]): Uint8Array {
  if (patches.length === 0) return exchange.bytes();
  const text = exchange.text();
  // Unreachable through a gate, which takes patches for text only; nothing is better than an unredacted body.
  if (text === undefined) return new Uint8Array(0);
  return new TextEncoder().encode(applyPatches(text, patches));
}

/** Bytes up to which hashing here is faster than handing the bytes to another thread and back. */
const HASH_INLINE_BYTES = 4_096;

function digestOf(bytes: Uint8Array): string | Promise<string> {
  if (bytes.byteLength <= HASH_INLINE_BYTES) return sha256Hex(bytes);
  const digest = crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return digest.then((buffer) => bytesToHex(new Uint8Array(buffer)));
}
