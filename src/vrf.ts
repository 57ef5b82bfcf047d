export {
  DIRECTION_TOLERANCE,
  type Direction,
  directionsFromBeta,
  drawDirections,
  MAX_DIRECTIONS,
} from './guards/vrf/directions.ts';
export { edwards25519Tai } from './guards/vrf/ecvrf.ts';
export { edwards25519Ell2 } from './guards/vrf/edwards25519-ell2.ts';
export { BETA_FACT, VRF_SEED_FACT, type VrfFault, vrf } from './guards/vrf/guard.ts';
export {
  DEFAULT_CACHED_KEYS,
  DEFAULT_VRF_PLACE,
  type OnInvalid,
  VRF_GUARD,
  type VrfInput,
  type VrfOptions,
} from './guards/vrf/options.ts';
export { p256Sswu } from './guards/vrf/p256/sswu.ts';
export { p256Tai } from './guards/vrf/p256/tai.ts';
export { SEED_BITS, seedFromBeta } from './guards/vrf/seed.ts';
export {
  VRF_REASONS,
  type VrfItem,
  type VrfKey,
  type VrfKeyPair,
  type VrfPoint,
  type VrfReason,
  type VrfResult,
  type VrfSuite,
} from './guards/vrf/suite.ts';
