export {
  KEY_ID_FACT,
  RAW_PROFILE,
  SIGNATURE_GUARD,
  SIGNATURE_HEADER,
  SIGNATURE_PROFILE_FACT,
  type SignatureOptions,
  signature,
} from './guard.ts';
export {
  createKeyRing,
  type KeyAlgorithm,
  type KeyRing,
  type KeySpec,
  MAX_RING_KEYS,
  type RingKey,
} from './key-ring.ts';
export type { SignedInput } from './match.ts';
export { assertDistinctKeys } from './shared-keys.ts';
