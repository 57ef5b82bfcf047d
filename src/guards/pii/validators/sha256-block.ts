/** Bytes that fit into one block with their padding, FIPS 180-4 section 5.1.1. */
const MOST_BYTES = 55;

/** The first 32 bits of the fractional parts of a root of each of the first primes, FIPS 180-4 sections 4.2.2 and 5.3.3. */
function rootFractions(count: number, root: number): Uint32Array {
  const fractions = new Uint32Array(count);
  for (let prime = 2, found = 0; found < count; prime++) {
    let isPrime = true;
    for (let divisor = 2; divisor * divisor <= prime && isPrime; divisor++) isPrime = prime % divisor !== 0;
    if (isPrime) fractions[found++] = (prime ** (1 / root) % 1) * 2 ** 32;
  }
  return fractions;
}

const START: Uint32Array = rootFractions(8, 2);
const ROUNDS: Uint32Array = rootFractions(64, 3);

function turn(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

/**
 * SHA-256 (FIPS 180-4) of at most 55 bytes. It is called for texts that only look like a checksum, again and again if
 * somebody means harm: without anything but one block it takes a microsecond.
 */
export function sha256OfBlock(bytes: Uint8Array): Uint8Array {
  if (bytes.length > MOST_BYTES) throw new RangeError('more than one block');
  const words = new Uint32Array(64);
  for (let at = 0; at < bytes.length; at++) words[at >> 2]! |= bytes[at]! << (24 - 8 * (at & 3));
  words[bytes.length >> 2]! |= 0x80 << (24 - 8 * (bytes.length & 3));
  words[15] = bytes.length * 8;
  for (let i = 16; i < 64; i++) {
    const early = words[i - 15]!;
    const late = words[i - 2]!;
    const small = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
    const large = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
    words[i] = words[i - 16]! + small + words[i - 7]! + large;
  }
  let [a, b, c, d, e, f, g, h] = START as unknown as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[i]! + words[i]!) | 0;
    const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  const hash = new Uint8Array(32);
  [a, b, c, d, e, f, g, h].forEach((word, i) => {
    const sum = word + START[i]!;
    for (let byte = 0; byte < 4; byte++) hash[4 * i + byte] = sum >>> (24 - 8 * byte);
  });
  return hash;
}
