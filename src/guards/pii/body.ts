import type { Exchange } from '../../exchange.ts';
import type { JsonDocument } from '../../json.ts';
import { type Charset, claimOf, readingsOf } from './charset.ts';
import { multipartTexts } from './multipart.ts';

/** A body as the application may come to read it. */
export type Body = {
  /** What its content type claims; `other` also for bytes that claim to be UTF-8 and are not. */
  readonly charset: Charset;
  /** Whether the content type says so, and not the bytes. */
  readonly isClaimed: boolean;
} & (
  | { readonly kind: 'json'; readonly document: JsonDocument }
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly percent: boolean;
      /** Its content type says that it is JSON, which it is not by the letter. */
      readonly claimsJson: boolean;
      /** It begins like JSON. */
      readonly looksJson: boolean;
    }
  /** Not certainly this one text, so that nothing in it can be rewritten. To be read once. */
  | { readonly kind: 'readings'; readonly readings: Iterable<string>; readonly percent: boolean }
);

/**
 * Decides how to read the body. JSON that is not strict JSON is read as text with its escapes decoded: a laxer parser
 * behind the gate might accept it. Text with NULs may be UTF-16 to someone. Linear; never throws.
 */
export function readBody(exchange: Exchange): Body {
  const type = exchange.header('content-type');
  const media = (type ?? '').split(';', 1)[0]!.trim().toLowerCase();
  const percent = media === 'application/x-www-form-urlencoded';
  const text = exchange.text();
  const claim = claimOf(exchange.bytes(), type);
  const isClaimed = claim.charset !== 'utf-8';
  if (text === undefined || text.includes('\0') || (claim.text !== undefined && claim.text !== text)) {
    const charset = text === undefined && claim.charset === 'utf-8' ? 'other' : claim.charset;
    // Pictures are no text: only what a multipart body holds besides them is.
    const parts = claim.charset === 'utf-8' ? multipartTexts(exchange.bytes(), type) : undefined;
    const readings = parts ?? readingsOf(exchange.bytes(), claim.text, text);
    return { kind: 'readings', readings, percent, charset, isClaimed };
  }
  const { charset } = claim;
  const looksJson = /^\s*[[{"]/.test(text);
  if (isJson(media) || (!isPlain(media) && looksJson)) {
    const json = exchange.json();
    if (json.ok) return { kind: 'json', document: json.document, charset, isClaimed };
  }
  const claimsJson = isJson(media) || JSON_LINES.has(media);
  return { kind: 'text', text, percent, claimsJson, looksJson, charset, isClaimed };
}

/** Documents one after the other. */
const JSON_LINES: ReadonlySet<string> = new Set(['application/x-ndjson', 'application/jsonl', 'application/json-seq']);

function isJson(media: string): boolean {
  return media === 'application/json' || media.endsWith('+json');
}

function isPlain(media: string): boolean {
  return media.startsWith('text/') || media === 'application/x-www-form-urlencoded';
}
