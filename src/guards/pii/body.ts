import type { Exchange } from '../../exchange.ts';
import type { JsonDocument } from '../../json.ts';
import type { Encoding } from './text-body.ts';

/** A body as the application may come to read it. */
export type Body =
  | { readonly kind: 'json'; readonly document: JsonDocument }
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly encoding: Encoding;
      /** Its bytes are no UTF-8 text, so that nothing in it can be rewritten. */
      readonly isFixed: boolean;
      /** Whether the charset that it claims is one that can be decoded here. */
      readonly isKnown: boolean;
    };

/**
 * Decides how to read the body. JSON that is not strict JSON is read as text with its escapes decoded: a laxer parser
 * behind the gate might accept it. Linear; never throws.
 */
export function readBody(exchange: Exchange): Body {
  const type = exchange.header('content-type') ?? '';
  const media = type.split(';', 1)[0]!.trim().toLowerCase();
  const encoding = media === 'application/x-www-form-urlencoded' ? 'percent' : 'escapes';
  const text = exchange.text();
  const foreign = foreignText(exchange, type);
  if (foreign !== undefined && !(foreign.isKnown && foreign.text === text)) {
    return { kind: 'text', encoding, isFixed: true, ...foreign };
  }
  if (text === undefined) {
    // Bytes that are no UTF-8 may stand between values that are.
    const lossy = new TextDecoder('utf-8').decode(exchange.bytes());
    return { kind: 'text', text: lossy, encoding, isFixed: true, isKnown: true };
  }
  if (isJson(media) || (!isPlain(media) && /^\s*[[{"]/.test(text))) {
    const json = exchange.json();
    if (json.ok) return { kind: 'json', document: json.document };
  }
  return { kind: 'text', text, encoding, isFixed: false, isKnown: true };
}

function isJson(media: string): boolean {
  return media === 'application/json' || media.endsWith('+json');
}

function isPlain(media: string): boolean {
  return media.startsWith('text/') || media === 'application/x-www-form-urlencoded';
}

/** The body in the charset that its content type claims, unless that is UTF-8. */
function foreignText(exchange: Exchange, type: string): { text: string; isKnown: boolean } | undefined {
  if (exchange.bytes().length === 0) return undefined;
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return undefined;
  try {
    return { text: new TextDecoder(charset).decode(exchange.bytes()), isKnown: true };
  } catch {
    return { text: new TextDecoder('utf-8').decode(exchange.bytes()), isKnown: false };
  }
}
