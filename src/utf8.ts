/** Made once: making one takes longer than encoding a short text. It keeps nothing between texts. */
const ENCODER = new TextEncoder();

/** The UTF-8 bytes of a text; lone surrogates become U+FFFD. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(text);
}
