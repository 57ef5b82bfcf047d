export { edwards25519Tai } from './guards/vrf/ecvrf.ts';
export {
  BETA_FACT,
  DEFAULT_CACHED_KEYS,
  DEFAULT_VRF_PLACE,
  VRF_GUARD,
  VRF_SEED_FACT,
  type VrfFault,
  type VrfInput,
  type VrfOptions,
  vrf,
} from './guards/vrf/guard.ts';
export { SEED_BITS, seedFromBeta } from './guards/vrf/seed.ts';
export {
  VRF_REASONS,
  type VrfKey,
  type VrfKeyPair,
  type VrfReason,
  type VrfResult,
  type VrfSuite,
} from './guards/vrf/suite.ts';
