import type { BodyResult } from '../src/exchange.ts';
import { joined } from './join-chunks.ts';

/** Decompresses a body, capped. Never rejects. */
export type Inflate = (
  bytes: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
) => BodyResult | Promise<BodyResult>;

/** What each coding is called by `DecompressionStream`. */
const FORMATS: Readonly<Record<string, CompressionFormat>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
};

/** With what the web platform has: gzip and deflate. Anything else is refused with 415. */
export const inflateBody: Inflate = async (bytes, encoding, maxBytes) => {
  const name = (encoding ?? 'identity').trim().toLowerCase();
  if (name === 'identity' || name === '' || bytes.byteLength === 0) return { ok: true, bytes };
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  if (format === undefined) return { ok: false, code: 'PTC_D102' };
  try {
    const plain = new Response(bytes as Uint8Array<ArrayBuffer>).body!.pipeThrough(new DecompressionStream(format));
    return await collect(plain, maxBytes);
  } catch {
    return { ok: false, code: 'PTC_D103' };
  }
};

async function collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>, maxBytes: number): Promise<BodyResult> {
  const reader = stream.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > maxBytes) {
      // The rest is never made: a bomb costs one chunk more than the cap.
      await reader.cancel().catch(() => {});
      return { ok: false, code: 'PTC_D101' };
    }
    chunks.push(value);
  }
  return { ok: true, bytes: joined(chunks, size) };
}
