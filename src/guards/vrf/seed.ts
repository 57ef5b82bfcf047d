/** Bits of a sampling seed: as many as a double counts exactly. */
export const SEED_BITS = 53;

/**
 * The sampling seed that a VRF output fixes: its first 8 bytes, big-endian, shifted right by 11, so 0 to 2^53 − 1.
 *
 * @throws {RangeError} if beta is shorter than 8 bytes.
 *
 * @example
 * seedFromBeta(new Uint8Array(64).fill(255)); // 9007199254740991n
 */
export function seedFromBeta(beta: Uint8Array): bigint {
  const head = new DataView(beta.buffer, beta.byteOffset, beta.byteLength).getBigUint64(0);
  return head >> BigInt(64 - SEED_BITS);
}
