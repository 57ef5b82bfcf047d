import { createHash } from 'node:crypto';

/** RFC 6962 section 2.1 word for word: recursive, over the data of the leaves, slow. The second implementation of the tests. */
type Data = readonly Uint8Array[];

const hash = (...parts: readonly Uint8Array[]): Uint8Array => {
  const sha256 = createHash('sha256');
  for (const part of parts) sha256.update(part);
  return new Uint8Array(sha256.digest());
};

/** "k, the largest power of two smaller than n". */
const k = (n: number): number => 2 ** (32 - Math.clz32(n - 1) - 1);

/** MTH(D[n]). */
export function mth(d: Data): Uint8Array {
  const n = d.length;
  if (n === 0) return hash();
  if (n === 1) return hash(Uint8Array.of(0x00), d[0]!);
  return hash(Uint8Array.of(0x01), mth(d.slice(0, k(n))), mth(d.slice(k(n))));
}

/** PATH(m, D[n]). */
export function path(m: number, d: Data): readonly Uint8Array[] {
  const n = d.length;
  if (n === 1) return [];
  return m < k(n)
    ? [...path(m, d.slice(0, k(n))), mth(d.slice(k(n)))]
    : [...path(m - k(n), d.slice(k(n))), mth(d.slice(0, k(n)))];
}

/** PROOF(m, D[n]), 0 < m < n. */
export function proof(m: number, d: Data): readonly Uint8Array[] {
  return subproof(m, d, true);
}

function subproof(m: number, d: Data, b: boolean): readonly Uint8Array[] {
  const n = d.length;
  if (m === n) return b ? [] : [mth(d)];
  return m <= k(n)
    ? [...subproof(m, d.slice(0, k(n)), b), mth(d.slice(k(n)))]
    : [...subproof(m - k(n), d.slice(k(n)), false), mth(d.slice(0, k(n)))];
}
