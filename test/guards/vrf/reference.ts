import { createHash, createHmac } from 'node:crypto';

/**
 * The four suites of RFC 9381 a second time, in affine BigInt arithmetic with one inversion an addition: slow, and
 * written from the RFC's text alone (8032, 9380 and 6979 where it points to them). It shares no code with src.
 */

export type Affine = { readonly x: bigint; readonly y: bigint } | 'infinity';

export interface Curve {
  readonly p: bigint;
  /** Order of the base point. */
  readonly q: bigint;
  readonly cofactor: bigint;
  readonly base: Affine;
  readonly identity: Affine;
  add(a: Affine, b: Affine): Affine;
  negate(a: Affine): Affine;
  encode(a: Affine): Uint8Array;
  decode(bytes: Uint8Array): Affine | undefined;
}

export function mod(a: bigint, p: bigint): bigint {
  const rest = a % p;
  return rest < 0n ? rest + p : rest;
}

export function power(base: bigint, exponent: bigint, p: bigint): bigint {
  let out = 1n;
  for (let b = mod(base, p), e = exponent; e > 0n; e >>= 1n, b = (b * b) % p) if (e & 1n) out = (out * b) % p;
  return out;
}

/** 0 for 0, as `inv0` of RFC 9380. */
export function inverse(a: bigint, p: bigint): bigint {
  let [r0, r1, t0, t1] = [p, mod(a, p), 0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1, t0, t1] = [r1, r0 - quotient * r1, t1, t0 - quotient * t1];
  }
  return r0 === 1n ? mod(t0, p) : 0n;
}

export const bigEndian = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);
export const littleEndian = (bytes: Uint8Array): bigint => bigEndian(Uint8Array.from(bytes).reverse());
export const toBigEndian = (n: bigint, length: number): Uint8Array =>
  Uint8Array.from(Buffer.from(n.toString(16).padStart(2 * length, '0'), 'hex'));
export const toLittleEndian = (n: bigint, length: number): Uint8Array => toBigEndian(n, length).reverse();
const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** A root of a or `undefined`. Both fields have roots in closed form. */
export function squareRoot(a: bigint, p: bigint): bigint | undefined {
  if (p % 4n === 3n) {
    const root = power(a, (p + 1n) / 4n, p);
    return (root * root) % p === mod(a, p) ? root : undefined;
  }
  const root = power(a, (p + 3n) / 8n, p);
  for (const candidate of [root, (root * power(2n, (p - 1n) / 4n, p)) % p]) {
    if ((candidate * candidate) % p === mod(a, p)) return candidate;
  }
  return undefined;
}

export function multiply(curve: Curve, scalar: bigint, point: Affine): Affine {
  let out = curve.identity;
  for (let n = scalar, power = point; n > 0n; n >>= 1n, power = curve.add(power, power)) {
    if (n & 1n) out = curve.add(out, power);
  }
  return out;
}

const P256_P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const P256_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

export const p256: Curve = {
  p: P256_P,
  q: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  cofactor: 1n,
  base: {
    x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
  },
  identity: 'infinity',
  add(a, b) {
    if (a === 'infinity') return b;
    if (b === 'infinity') return a;
    if (a.x === b.x && mod(a.y + b.y, P256_P) === 0n) return 'infinity';
    const slope =
      a.x === b.x
        ? (3n * a.x * a.x - 3n) * inverse(2n * a.y, P256_P)
        : (b.y - a.y) * inverse(mod(b.x - a.x, P256_P), P256_P);
    const x = mod(slope * slope - a.x - b.x, P256_P);
    return { x, y: mod(slope * (a.x - x) - a.y, P256_P) };
  },
  negate: (a) => (a === 'infinity' ? a : { x: a.x, y: mod(-a.y, P256_P) }),
  encode: (a) => (a === 'infinity' ? Uint8Array.of(0) : join(Uint8Array.of(a.y & 1n ? 3 : 2), toBigEndian(a.x, 32))),
  decode(bytes) {
    const [tag, ...rest] = bytes;
    if (bytes.length !== 33 || (tag !== 2 && tag !== 3)) return undefined;
    const x = bigEndian(Uint8Array.from(rest));
    if (x >= P256_P) return undefined;
    const y = squareRoot(x * x * x - 3n * x + P256_B, P256_P);
    if (y === undefined) return undefined;
    return { x, y: Number(y & 1n) === tag - 2 ? y : P256_P - y };
  },
};

const ED_P = 2n ** 255n - 19n;
const ED_D = mod(-121665n * inverse(121666n, ED_P), ED_P);

export const edwards25519: Curve = {
  p: ED_P,
  q: 2n ** 252n + 27742317777372353535851937790883648493n,
  cofactor: 8n,
  base: {
    x: 15112221349535400772501151409588531511454012693041857206046113283949847762202n,
    y: mod(4n * inverse(5n, ED_P), ED_P),
  },
  identity: { x: 0n, y: 1n },
  add(a, b) {
    if (a === 'infinity' || b === 'infinity') throw new Error('not on an Edwards curve');
    const t = mod(ED_D * a.x * b.x * a.y * b.y, ED_P);
    return {
      x: mod((a.x * b.y + b.x * a.y) * inverse(1n + t, ED_P), ED_P),
      y: mod((a.y * b.y + a.x * b.x) * inverse(1n - t, ED_P), ED_P),
    };
  },
  negate: (a) => (a === 'infinity' ? a : { x: mod(-a.x, ED_P), y: a.y }),
  encode(a) {
    if (a === 'infinity') throw new Error('not on an Edwards curve');
    return toLittleEndian(a.y | ((a.x & 1n) << 255n), 32);
  },
  decode(bytes) {
    if (bytes.length !== 32) return undefined;
    const whole = littleEndian(bytes);
    const [y, sign] = [whole & (2n ** 255n - 1n), whole >> 255n];
    if (y >= ED_P) return undefined;
    const x = squareRoot((y * y - 1n) * inverse(ED_D * y * y + 1n, ED_P), ED_P);
    if (x === undefined || (x === 0n && sign === 1n)) return undefined;
    return { x: (x & 1n) === sign ? x : ED_P - x, y };
  },
};

/** H, and what the RFC publishes on the way to it. */
export interface Hashed {
  readonly h: Affine;
  readonly counter?: number;
  readonly uniform?: Uint8Array;
  readonly u?: bigint;
  readonly x1?: bigint;
  readonly gx1?: bigint;
  readonly isSquare?: boolean;
}

export interface Reference {
  readonly curve: Curve;
  readonly scalarBytes: 32;
  hashed(publicKey: Uint8Array, alpha: Uint8Array): Hashed;
  toInteger(bytes: Uint8Array): bigint;
  toScalar(bytes: Uint8Array): { x: bigint; nonceKey: Uint8Array };
  nonce(secretKey: Uint8Array, h: Uint8Array): { k: bigint; text?: Uint8Array };
  challenge(...points: readonly Uint8Array[]): Uint8Array;
  beta(gamma: Affine): Uint8Array;
  publicKey(secretKey: Uint8Array): Uint8Array;
  proof(gamma: Affine, c: Uint8Array, s: bigint): Uint8Array;
  prove(secretKey: Uint8Array, alpha: Uint8Array): Uint8Array;
  /** U and V for any key, H, Gamma, c and s. */
  commitments(y: Affine, h: Affine, gamma: Affine, c: bigint, s: bigint): { u: Affine; v: Affine };
  /** beta, or `undefined` for INVALID. */
  verify(publicKey: Uint8Array, alpha: Uint8Array, pi: Uint8Array): Uint8Array | undefined;
}

function sha(bits: 256 | 512, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash(`sha${bits}`);
  for (const part of parts) hash.update(part);
  return Uint8Array.from(hash.digest());
}

/** expand_message_xmd of RFC 9380 section 5.3.1, for up to one hash or two. */
function expand(bits: 256 | 512, message: Uint8Array, dst: Uint8Array, length: number): Uint8Array {
  const block = bits === 256 ? 64 : 128;
  const tag = join(dst, Uint8Array.of(dst.length));
  const first = sha(bits, new Uint8Array(block), message, Uint8Array.of(length >> 8, length & 255, 0), tag);
  let last = sha(bits, first, Uint8Array.of(1), tag);
  let out = last;
  for (let i = 2; out.length < length; i++) {
    last = sha(
      bits,
      first.map((byte, at) => byte ^ last[at]!),
      Uint8Array.of(i),
      tag,
    );
    out = join(out, last);
  }
  return out.subarray(0, length);
}

/** RFC 9380 section 6.6.2 with A = -3, Z = -10. */
function simplifiedSwu(u: bigint): Pick<Hashed, 'x1' | 'isSquare'> & { h: Affine } {
  const p = P256_P;
  const [a, z] = [-3n, -10n];
  const g = (x: bigint): bigint => mod(x * x * x + a * x + P256_B, p);
  const t = inverse(mod(z * z * u ** 4n + z * u * u, p), p);
  const x1 = t === 0n ? mod(P256_B * inverse(mod(z * a, p), p), p) : mod(-P256_B * inverse(mod(a, p), p) * (1n + t), p);
  const root = squareRoot(g(x1), p);
  const x = root === undefined ? mod(z * u * u * x1, p) : x1;
  const y = root ?? squareRoot(g(x), p)!;
  return { x1, isSquare: root !== undefined, h: { x, y: (u & 1n) === (y & 1n) ? y : mod(-y, p) } };
}

/** RFC 9380 sections 6.7.1 and 6.8.2 with J = 486662, K = 1, Z = 2, before the cofactor is cleared. */
function elligator2(u: bigint): Pick<Hashed, 'gx1' | 'isSquare'> & { h: Affine } {
  const p = ED_P;
  const j = 486662n;
  const g = (x: bigint): bigint => mod(x * x * x + j * x * x + x, p);
  const x1 = mod(-j * (inverse(1n + 2n * u * u, p) || 1n), p);
  const gx1 = g(x1);
  const root = squareRoot(gx1, p);
  const s = root === undefined ? mod(-x1 - j, p) : x1;
  const any = root ?? squareRoot(g(s), p)!;
  const t = (any & 1n) === (root === undefined ? 0n : 1n) ? any : mod(-any, p);
  const scale = squareRoot(-486664n, p)!;
  const even = scale & 1n ? p - scale : scale;
  const h: Affine =
    t === 0n || s === p - 1n
      ? { x: 0n, y: 1n }
      : { x: mod(even * s * inverse(t, p), p), y: mod((s - 1n) * inverse(s + 1n, p), p) };
  return { gx1, isSquare: root !== undefined, h };
}

/** RFC 6979 section 3.2 with SHA-256 and the order of P-256. */
function nonce6979(x: bigint, message: Uint8Array, q: bigint): bigint {
  const hmac = (key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array =>
    Uint8Array.from(
      createHmac('sha256', key)
        .update(join(...parts))
        .digest(),
    );
  const seed = join(toBigEndian(x, 32), toBigEndian(bigEndian(sha(256, message)) % q, 32));
  let v: Uint8Array = new Uint8Array(32).fill(1);
  let key = hmac(new Uint8Array(32), v, Uint8Array.of(0), seed);
  v = hmac(key, v);
  key = hmac(key, v, Uint8Array.of(1), seed);
  v = hmac(key, v);
  for (;;) {
    v = hmac(key, v);
    const k = bigEndian(v);
    if (k > 0n && k < q) return k;
    key = hmac(key, v, Uint8Array.of(0));
    v = hmac(key, v);
  }
}

function reference(id: 1 | 2 | 3 | 4): Reference {
  const curve = id < 3 ? p256 : edwards25519;
  const { p, q, cofactor } = curve;
  const bits = id < 3 ? 256 : 512;
  const pointBytes = id < 3 ? 33 : 32;
  const toInteger = id < 3 ? bigEndian : littleEndian;
  const fromInteger = id < 3 ? toBigEndian : toLittleEndian;
  const one = (byte: number): Uint8Array => Uint8Array.of(byte);

  const self: Reference = {
    curve,
    scalarBytes: 32,
    toInteger,
    hashed(publicKey, alpha) {
      if (id === 1 || id === 3) {
        for (let counter = 0; counter < 256; counter++) {
          const text = sha(bits, Uint8Array.of(id, 1), publicKey, alpha, Uint8Array.of(counter, 0)).subarray(0, 32);
          const point = curve.decode(id === 1 ? join(one(2), text) : text);
          const h = point && multiply(curve, cofactor, point);
          if (h !== undefined && !same(h, curve.identity)) return { h, counter };
        }
        throw new Error('no point');
      }
      const name = id === 2 ? 'P256_XMD:SHA-256_SSWU_NU_' : 'edwards25519_XMD:SHA-512_ELL2_NU_';
      const dst = join(Uint8Array.from(Buffer.from(`ECVRF_${name}`)), one(id));
      const uniform = expand(bits, join(publicKey, alpha), dst, 48);
      const u = bigEndian(uniform) % p;
      const mapped = id === 2 ? simplifiedSwu(u) : elligator2(u);
      return { ...mapped, uniform, u, h: multiply(curve, cofactor, mapped.h) };
    },
    toScalar(secretKey) {
      if (id < 3) return { x: bigEndian(secretKey), nonceKey: secretKey };
      const hash = sha(512, secretKey);
      const low = littleEndian(hash.subarray(0, 32));
      return { x: (low & (2n ** 254n - 8n)) | (2n ** 254n), nonceKey: hash.subarray(32) };
    },
    nonce(secretKey, h) {
      const { x, nonceKey } = self.toScalar(secretKey);
      if (id < 3) return { k: nonce6979(x, h, q) };
      const text = sha(512, nonceKey, h);
      return { k: littleEndian(text) % q, text };
    },
    challenge: (...points) => sha(bits, Uint8Array.of(id, 2), ...points, one(0)).subarray(0, 16),
    beta: (gamma) => sha(bits, Uint8Array.of(id, 3), curve.encode(multiply(curve, cofactor, gamma)), one(0)),
    publicKey: (secretKey) => curve.encode(multiply(curve, self.toScalar(secretKey).x, curve.base)),
    proof: (gamma, c, s) => join(curve.encode(gamma), c, fromInteger(s, 32)),
    prove(secretKey, alpha) {
      const { x } = self.toScalar(secretKey);
      const publicKey = self.publicKey(secretKey);
      const { h } = self.hashed(publicKey, alpha);
      const gamma = multiply(curve, x, h);
      const { k } = self.nonce(secretKey, curve.encode(h));
      const [u, v] = [multiply(curve, k, curve.base), multiply(curve, k, h)];
      const c = self.challenge(publicKey, ...[h, gamma, u, v].map(curve.encode));
      return self.proof(gamma, c, (k + toInteger(c) * x) % q);
    },
    commitments: (y, h, gamma, c, s) => ({
      u: curve.add(multiply(curve, s, curve.base), curve.negate(multiply(curve, c, y))),
      v: curve.add(multiply(curve, s, h), curve.negate(multiply(curve, c, gamma))),
    }),
    verify(publicKey, alpha, pi) {
      const y = curve.decode(publicKey);
      if (y === undefined || same(multiply(curve, cofactor, y), curve.identity)) return undefined;
      if (pi.length !== pointBytes + 48) return undefined;
      const gamma = curve.decode(pi.subarray(0, pointBytes));
      const c = pi.subarray(pointBytes, pointBytes + 16);
      const s = toInteger(pi.subarray(pointBytes + 16));
      if (gamma === undefined || s >= q) return undefined;
      const { h } = self.hashed(publicKey, alpha);
      const { u, v } = self.commitments(y, h, gamma, toInteger(c), s);
      const expected = self.challenge(publicKey, ...[h, gamma, u, v].map(curve.encode));
      return Buffer.from(expected).equals(c) ? self.beta(gamma) : undefined;
    },
  };
  return self;
}

export function same(a: Affine, b: Affine): boolean {
  return a === b || (a !== 'infinity' && b !== 'infinity' && a.x === b.x && a.y === b.y);
}

/** By the name of the suite. */
export const REFERENCES: Readonly<Record<string, Reference>> = {
  'ECVRF-P256-SHA256-TAI': reference(1),
  'ECVRF-P256-SHA256-SSWU': reference(2),
  'ECVRF-EDWARDS25519-SHA512-TAI': reference(3),
  'ECVRF-EDWARDS25519-SHA512-ELL2': reference(4),
};
