/** Why a proof is not valid; no other reason exists. */
export const VRF_REASONS = [
  /** The public key has another length than the suite's. */
  'key-length',
  /** The public key is not the canonical encoding of a curve point. */
  'key-encoding',
  /** The public key times the cofactor is the identity: anyone can prove under it. */
  'key-small-order',
  /** The proof has another length than the suite's. */
  'proof-length',
  /** Gamma is not the canonical encoding of a curve point. */
  'gamma-encoding',
  /** s is not below the group order: a second text of the same proof. */
  's-range',
  /** None of the 256 hash values of alpha is a usable point. */
  'no-hash-point',
  /** The challenge does not match: another key, another alpha or a forged proof. */
  'challenge',
] as const;

export type VrfReason = (typeof VRF_REASONS)[number];

/** A beta exists only together with `valid: true`. */
export type VrfResult =
  | { readonly valid: true; readonly beta: Uint8Array }
  | { readonly valid: false; readonly reason: VrfReason };

/** A public key that was decoded and checked once, for many proofs. */
export interface VrfKey {
  /** Why no proof can be valid under this key; `undefined` for a good one. */
  readonly fault: VrfReason | undefined;
  /**
   * Verifies one proof; see {@link VrfSuite.verify}.
   *
   * @throws {TypeError} if an argument is not a `Uint8Array`; never for its bytes or length.
   */
  verify(alpha: Uint8Array, pi: Uint8Array): VrfResult;
}

/** One proof to verify. */
export interface VrfItem {
  readonly publicKey: Uint8Array;
  readonly alpha: Uint8Array;
  readonly pi: Uint8Array;
}

/** A point by its affine coordinates, each 0 to p − 1. */
export interface VrfPoint {
  readonly x: bigint;
  readonly y: bigint;
}

export interface VrfKeyPair {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** One ciphersuite of RFC 9381. All byte strings are encoded as the RFC says. */
export interface VrfSuite {
  /** The name in RFC 9381 section 5.5. */
  readonly name: string;
  readonly secretKeyBytes: number;
  /** Length of the seed that {@link VrfSuite.keygen} takes. */
  readonly seedBytes: number;
  readonly publicKeyBytes: number;
  readonly proofBytes: number;
  /** Length of beta. */
  readonly outputBytes: number;
  /**
   * Makes a key pair, from `crypto.getRandomValues` or from a seed: always the same pair from the same seed. On
   * edwards25519 the seed is the secret key; on P-256 it is reduced to one without bias (FIPS 186-5, appendix A.2.1).
   *
   * @throws {TypeError} if the seed is not a `Uint8Array`.
   * @throws {RangeError} if the seed has the wrong length.
   *
   * @example
   * const { secretKey, publicKey } = p256Tai.keygen();
   */
  keygen(seed?: Uint8Array): VrfKeyPair;
  /**
   * The public key of a secret key.
   *
   * @throws {TypeError} if it is not a `Uint8Array`.
   * @throws {RangeError} if it has the wrong length, or on P-256 is 0 or not below the group order.
   */
  publicKey(secretKey: Uint8Array): Uint8Array;
  /**
   * Proves alpha (RFC 9381 section 5.1): deterministic, the same proof each time. Linear in alpha. Its time depends on
   * alpha where the suite hashes by try and increment (TAI), and not on the secret key as far as @noble/curves goes.
   *
   * @throws {TypeError} if an argument is not a `Uint8Array`.
   * @throws {RangeError} if the secret key is not one, see {@link VrfSuite.publicKey}.
   */
  prove(secretKey: Uint8Array, alpha: Uint8Array): Uint8Array;
  /**
   * Verifies a proof (RFC 9381 section 5.3 with `validate_key` TRUE) and gives its output.
   * Linear in alpha; with TAI at most 256 attempts to hash it to the curve, two on average. Variable time: all of it
   * is public. Whoever verifies many proofs of one key gets a table for it from {@link VrfSuite.importPublicKey}.
   *
   * @throws {TypeError} if an argument is not a `Uint8Array`; never for its bytes or length.
   *
   * @example
   * const result = edwards25519Tai.verify(publicKey, alpha, pi);
   * result.valid ? result.beta : result.reason;
   */
  verify(publicKey: Uint8Array, alpha: Uint8Array, pi: Uint8Array): VrfResult;
  /**
   * Verifies proofs one by one, in order, and decodes a key that comes again soon only once.
   *
   * @throws {TypeError} if an item's field is not a `Uint8Array`; never for its bytes or length.
   *
   * @example
   * const results = edwards25519Tai.verifyMany([{ publicKey, alpha, pi }]);
   * results.every(({ valid }) => valid);
   */
  verifyMany(items: readonly VrfItem[]): VrfResult[];
  /**
   * Decodes and checks a key once and builds its table at once, for a key that will verify many proofs. A bad key is an
   * answer, not an exception: see {@link VrfKey.fault}. The table takes as long as a verification, and 42 to 70 kB.
   *
   * @throws {TypeError} if it is not a `Uint8Array`.
   *
   * @example
   * const key = edwards25519Tai.importPublicKey(publicKey);
   * if (key.fault === undefined) key.verify(alpha, pi);
   */
  importPublicKey(publicKey: Uint8Array): VrfKey;
  /**
   * As {@link VrfSuite.importPublicKey}, with the table built at the second proof: for keys that may be seen only once.
   *
   * @throws {TypeError} if it is not a `Uint8Array`.
   */
  prepare(publicKey: Uint8Array): VrfKey;
  /**
   * The output that a proof would have (RFC 9381 section 5.2), **unverified**: anybody can write down a proof with any
   * of many outputs. For proofs that the caller made or verified itself; everybody else takes beta from `verify`.
   *
   * @returns beta, or `undefined` if the proof does not decode.
   * @throws {TypeError} if it is not a `Uint8Array`.
   *
   * @example
   * const beta = edwards25519Tai.proofToHash(edwards25519Tai.prove(secretKey, alpha));
   */
  proofToHash(pi: Uint8Array): Uint8Array | undefined;
  /**
   * A step of the RFC, for tests and for protocols built on the suite: encode_to_curve of section 5.4.1, with the public
   * key as salt. The key's bytes are hashed as they are.
   *
   * @returns H, encoded; `undefined` if none of the 256 hash values of a TAI suite is a usable point.
   * @throws {TypeError} if an argument is not a `Uint8Array`.
   */
  encodeToCurve(publicKey: Uint8Array, alpha: Uint8Array): Uint8Array | undefined;
  /**
   * A step of the RFC: the 16 bytes of section 5.4.3 over five encoded points, which are hashed as they are.
   *
   * @throws {TypeError} if an argument is not a `Uint8Array`.
   */
  challenge(publicKey: Uint8Array, h: Uint8Array, gamma: Uint8Array, u: Uint8Array, v: Uint8Array): Uint8Array;
  /**
   * A step of the RFC: string_to_point, strictly. A point of any order decodes if this is its one encoding; the point
   * at infinity of P-256 never does.
   *
   * @throws {TypeError} if it is not a `Uint8Array`.
   */
  decodePoint(bytes: Uint8Array): VrfPoint | undefined;
  /**
   * A step of the RFC: a scalar of 32 bytes in the suite's byte order; `undefined` from the group order on.
   *
   * @throws {TypeError} if it is not a `Uint8Array`.
   */
  decodeScalar(bytes: Uint8Array): bigint | undefined;
}
