import { vrfKeyCache } from './key-cache.ts';
import type { VrfItem, VrfResult, VrfSuite } from './suite.ts';

/** Keys that stay decoded within one call. */
export const KEYS_OF_MANY = 64;

/** Verifies proofs in order; a key that is still among the last {@link KEYS_OF_MANY} is not decoded again. */
export function verifyMany(
  suite: Pick<VrfSuite, 'prepare' | 'publicKeyBytes'>,
  items: readonly VrfItem[],
): VrfResult[] {
  if (!Array.isArray(items)) throw new TypeError('items must be an array');
  const keys = vrfKeyCache(suite, KEYS_OF_MANY);
  // `map` would pass over the holes of a sparse array, and so would `every` over its results.
  return Array.from(items as readonly VrfItem[], (item) => keys(item?.publicKey).verify(item.alpha, item.pi));
}
