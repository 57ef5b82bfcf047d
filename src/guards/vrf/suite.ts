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

export interface VrfKeyPair {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** One ciphersuite of RFC 9381. All byte strings are encoded as the RFC says. */
export interface VrfSuite {
  /** The name in RFC 9381 section 5.5. */
  readonly name: string;
  readonly secretKeyBytes: number;
  readonly publicKeyBytes: number;
  readonly proofBytes: number;
  /** Length of beta. */
  readonly outputBytes: number;
  /**
   * Makes a key pair, from `crypto.getRandomValues` or from a seed, which becomes the secret key.
   *
   * @throws {TypeError} if the seed is not a `Uint8Array`.
   * @throws {RangeError} if the seed has the wrong length.
   */
  keygen(seed?: Uint8Array): VrfKeyPair;
  /**
   * The public key of a secret key.
   *
   * @throws {TypeError} if it is not a `Uint8Array`.
   * @throws {RangeError} if it has the wrong length.
   */
  publicKey(secretKey: Uint8Array): Uint8Array;
  /**
   * Proves alpha (RFC 9381 section 5.1): deterministic, the same proof each time.
   *
   * @throws {TypeError} if an argument is not a `Uint8Array`.
   * @throws {RangeError} if the secret key has the wrong length.
   */
  prove(secretKey: Uint8Array, alpha: Uint8Array): Uint8Array;
  /**
   * Verifies a proof (RFC 9381 section 5.3 with `validate_key` TRUE) and gives its output.
   * Linear in alpha; at most 256 attempts to hash it to the curve, two on average.
   *
   * @throws {TypeError} if an argument is not a `Uint8Array`; never for its bytes or length.
   */
  verify(publicKey: Uint8Array, alpha: Uint8Array, pi: Uint8Array): VrfResult;
  /**
   * Decodes and checks a key once. A bad key is an answer, not an exception: see {@link VrfKey.fault}.
   *
   * @throws {TypeError} if it is not a `Uint8Array`.
   */
  prepare(publicKey: Uint8Array): VrfKey;
}
