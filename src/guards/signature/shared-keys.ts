import { ConfigError } from '../../errors.ts';
import { type KeyRing, materialOf, type RingKey } from './key-ring.ts';

/** Input block of SHA-256 in bytes: HMAC fills secrets up to it with zeros and hashes longer ones first (RFC 2104). */
const HMAC_BLOCK_BYTES = 64;

/**
 * Checks that no key belongs to two tenants: either could sign for the other. Keys are compared as their algorithm
 * uses them, so a secret and the same secret with zero bytes behind it are one. Within a ring a key may come twice.
 * Linear in the number of keys.
 *
 * @throws {ConfigError} `PTC_E009` naming both tenants and both key ids, never a key.
 *
 * @example
 * assertDistinctKeys(new Map([['acme', acmeRing], ['globex', globexRing], ['demo', 'none']]));
 */
export function assertDistinctKeys(rings: ReadonlyMap<string, KeyRing | 'none' | undefined>): void {
  const owners = new Map<string, { readonly tenant: string; readonly id: string }>();
  for (const [tenant, ring] of rings) {
    if (ring === undefined || ring === 'none') continue;
    for (const key of ring.keys) {
      const identity = keyIdentity(key);
      const owner = owners.get(identity);
      if (owner !== undefined && owner.tenant !== tenant) {
        const remedy = `it is also key ${owner.id} of tenant ${owner.tenant}: give each tenant keys of its own`;
        throw new ConfigError('PTC_E009', `key ${key.id} of tenant ${tenant}`, key, remedy);
      }
      owners.set(identity, { tenant, id: key.id });
    }
  }
}

/** The same text for keys that make the same signatures. It tells the key: for comparison only. */
export function keyIdentity(key: RingKey): string {
  const material = materialOf(key);
  if (material === undefined) throw new ConfigError('PTC_E008', `key ${key.id}`, key, 'make rings with createKeyRing');
  return key.alg === 'hmac' ? hmacIdentity(material) : `ed25519:${material.join(',')}`;
}

/** What {@link keyIdentity} is for the HMAC key that is this text. */
export function secretIdentity(secret: string): string {
  return hmacIdentity(new TextEncoder().encode(secret));
}

function hmacIdentity(secret: Uint8Array): string {
  return `hmac:${effectiveSecret(secret).join(',')}`;
}

function effectiveSecret(material: Uint8Array): Uint8Array {
  let { length } = material;
  if (length > HMAC_BLOCK_BYTES) return material;
  while (length > 0 && material[length - 1] === 0) length--;
  return material.subarray(0, length);
}
