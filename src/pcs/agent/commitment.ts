import { sha256Hex } from '../../sha256.ts';

/** Bytes of one leaf of the Merkle tree. */
export const DEFAULT_CHUNK_BYTES = 4_096;

/**
 * The Merkle root of data: leaves are the SHA-256 (64 lower-case hex) of successive chunks, a parent is the SHA-256
 * of its two children's hex joined, and a node without a sibling is paired with itself. One chunk is its own root.
 * Linear in the data. As in every tree of this shape, repeating the last chunk can leave the root unchanged: the
 * root commits to the data only together with its length.
 *
 * @param data at least one byte
 *
 * @example
 * merkleRoot(new TextEncoder().encode('abc')); // SHA-256 of 'abc'
 */
export function merkleRoot(data: Uint8Array, chunkBytes: number = DEFAULT_CHUNK_BYTES): string {
  let level: string[] = [];
  for (let at = 0; at < data.length; at += chunkBytes) {
    level.push(sha256Hex(data.subarray(at, at + chunkBytes)));
  }
  while (level.length > 1) {
    const parents: string[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const left = level[i]!;
      parents.push(sha256Hex(left + (level[i + 1] ?? left)));
    }
    level = parents;
  }
  return level[0]!;
}

/**
 * How well data compresses: bytes in zlib format at the default level (6) by bytes before, at most 1. Runtimes
 * carry different zlib builds, whose output may differ in length by a per cent or so.
 *
 * @param data at least one byte
 *
 * @example
 * await compressionRatio(new Uint8Array(10_000)); // about 0.003
 */
export async function compressionRatio(data: Uint8Array): Promise<number> {
  const zlib = new CompressionStream('deflate');
  const writer = zlib.writable.getWriter();
  const written = writer.write(data as Uint8Array<ArrayBuffer>).then(() => writer.close());
  // A fault surfaces on the side that is read; this keeps the other from being reported a second time.
  written.catch(() => undefined);
  let bytes = 0;
  const reader = zlib.readable.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) bytes += part.value.length;
  return Math.min(1, bytes / data.length);
}
