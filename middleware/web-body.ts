import type { BodyResult } from '../src/exchange.ts';
import { joined } from './join-chunks.ts';
import type { Inflate } from './web-inflate.ts';

/** What came of reading a web request's body. */
export interface WebBody {
  /** Decompressed. */
  readonly result: BodyResult;
  /** The same bytes from the wire for whoever reads the request next; `undefined` where the request still has them. */
  readonly replay: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | undefined;
}

const NO_BYTES: BodyResult = { ok: true, bytes: new Uint8Array(0) };
const TOO_LARGE: BodyResult = { ok: false, code: 'PTC_D101' };
const BROKEN: BodyResult = { ok: false, code: 'PTC_D103' };

/**
 * Reads a body once, capped on the wire and decompressed, and says what to put in its place. Linear in the smaller of body
 * and cap; never rejects.
 */
export async function readWebBody(request: Request, maxBytes: number, inflate: Inflate): Promise<WebBody> {
  if (request.body === null) return { result: NO_BYTES, replay: undefined };
  // What somebody is reading, handlers cannot read either.
  if (request.bodyUsed || request.body.locked) return { result: BROKEN, replay: undefined };
  const declared = request.headers.get('content-length');
  if (Number(declared ?? 0) > maxBytes) return { result: TOO_LARGE, replay: undefined };
  // A server has held a declared length to the truth, if it goes by it: one call is several times as fast as a reader.
  const isCounted = declared !== null && !request.headers.has('transfer-encoding');
  const wire = !isCounted ? await readCapped(request.body, maxBytes) : await readWhole(request);
  if (wire === undefined) return { result: BROKEN, replay: failing() };
  if (!(wire instanceof Uint8Array)) return { result: TOO_LARGE, replay: wire };
  if (wire.byteLength > maxBytes) return { result: TOO_LARGE, replay: wire };
  const encoding = request.headers.get('content-encoding') ?? undefined;
  return { result: await inflate(wire, encoding, maxBytes), replay: wire };
}

async function readWhole(request: Request): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await request.arrayBuffer());
  } catch {
    return undefined;
  }
}

/** The bytes; or, where there are more of them than the cap, a stream of all of them; `undefined` if the stream broke. */
async function readCapped(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | undefined> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  try {
    const reader = body.getReader() as ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return joined(chunks, size);
      // As a request itself does: a text has no length in bytes, and would be past the cap.
      if (!ArrayBuffer.isView(value)) return undefined;
      chunks.push(value);
      size += value.byteLength;
      if (size > maxBytes) return resumed(chunks, reader);
    }
  } catch {
    return undefined;
  }
}

/** What was read already, and then the rest as it comes. */
function resumed(
  chunks: Uint8Array<ArrayBuffer>[],
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const first = chunks.shift();
      if (first !== undefined) return controller.enqueue(first);
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function failing(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      controller.error(new TypeError('The body broke off'));
    },
  });
}
