import type { Exchange } from '../../exchange.ts';
import type { JsonDocument } from '../../json.ts';
import { type Charset, claimOf, readingsOf } from './charset.ts';
import type { Encoding } from './text-body.ts';

/** A body as the application may come to read it. */
export type Body = {
  /** What its content type claims; `other` also for bytes that claim to be UTF-8 and are not. */
  readonly charset: Charset;
} & (
  | { readonly kind: 'json'; readonly document: JsonDocument }
  | { readonly kind: 'text'; readonly text: string; readonly encoding: Encoding }
  /** Not certainly this one text, so that nothing in it can be rewritten. To be read once. */
  | { readonly kind: 'readings'; readonly readings: Iterable<string>; readonly encoding: Encoding }
);

/**
 * Decides how to read the body. JSON that is not strict JSON is read as text with its escapes decoded: a laxer parser
 * behind the gate might accept it. Text with NULs may be UTF-16 to someone. Linear; never throws.
 */
export function readBody(exchange: Exchange): Body {
  const type = exchange.header('content-type');
  const media = (type ?? '').split(';', 1)[0]!.trim().toLowerCase();
  const encoding = media === 'application/x-www-form-urlencoded' ? 'percent' : 'escapes';
  const text = exchange.text();
  const claim = claimOf(exchange.bytes(), type);
  if (text === undefined || text.includes('\0') || (claim.text !== undefined && claim.text !== text)) {
    const charset = text === undefined && claim.charset === 'utf-8' ? 'other' : claim.charset;
    return { kind: 'readings', readings: readingsOf(exchange.bytes(), claim.text, text), encoding, charset };
  }
  const { charset } = claim;
  if (isJson(media) || (!isPlain(media) && /^\s*[[{"]/.test(text))) {
    const json = exchange.json();
    if (json.ok) return { kind: 'json', document: json.document, charset };
  }
  return { kind: 'text', text, encoding, charset };
}

function isJson(media: string): boolean {
  return media === 'application/json' || media.endsWith('+json');
}

function isPlain(media: string): boolean {
  return media.startsWith('text/') || media === 'application/x-www-form-urlencoded';
}
