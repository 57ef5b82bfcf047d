/** The field of edwards25519, and the constant of its equation −x² + y² = 1 + d·x²·y² (RFC 8032 section 5.1). */
const P = 2n ** 255n - 19n;
const D = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n;
/** y of the points whose order is 8, up to its sign. */
const Y_OF_ORDER_8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
/** y of the points of order 1, 2, 4 and 8: there are no others of small order. */
const SMALL_ORDER_YS: readonly bigint[] = [1n, P - 1n, 0n, Y_OF_ORDER_8, P - Y_OF_ORDER_8];

/**
 * Whether 32 bytes are a public key of Ed25519 that means something: the one encoding of a curve point, not of small
 * order, for which anybody can sign. Everything about it is public, so its time may depend on it.
 */
export function isSoundPublicKey(bytes: Uint8Array): boolean {
  let y = 0n;
  for (let at = 31; at >= 0; at--) y = (y << 8n) | BigInt(at === 31 ? bytes[at]! & 0x7f : bytes[at]!);
  if (y >= P || SMALL_ORDER_YS.includes(y)) return false;
  // x² = u / v has a root if and only if u·v is a square; 0 would be x of a small order.
  const y2 = (y * y) % P;
  return isSquare(((y2 - 1n) * (D * y2 + 1n)) % P);
}

/** Euler's criterion. */
function isSquare(n: bigint): boolean {
  let result = 1n;
  let base = n;
  for (let exponent = (P - 1n) / 2n; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = (result * base) % P;
    base = (base * base) % P;
  }
  return result === 1n;
}
