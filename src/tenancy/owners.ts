import { encodeBase64 } from '../base64.ts';
import { ConfigError } from '../errors.ts';
import { keyIdentity } from '../guards/signature/shared-keys.ts';
import { collectMistakes } from '../mistakes.ts';
import type { Tenant } from './tenant.ts';

/** Which tenant a key belongs to: no two may have one, or either could pass for the other. */
export interface KeyOwners {
  /** @throws {ConfigError} `PTC_E009` for every key of the tenant that is another one's. */
  check(tenant: Tenant): void;
  add(tenant: Tenant): void;
  remove(tenant: Tenant): void;
}

interface Owner {
  readonly tenant: string;
  /** What errors call the key. */
  readonly name: string;
}

/** Keys of tenants and whose they are. Each operation takes as long as the tenant has keys. */
export function keyOwners(): KeyOwners {
  const owners = new Map<string, Owner>();
  return {
    check(tenant) {
      const mistakes = collectMistakes();
      for (const [identity, { name }] of keysOf(tenant)) {
        const owner = owners.get(identity);
        if (owner === undefined || owner.tenant === tenant.id) continue;
        mistakes.attempt(() => {
          const remedy = `it is also ${owner.name} of tenant ${owner.tenant}: give each tenant keys of its own`;
          throw new ConfigError('PTC_E009', `${name} of tenant ${tenant.id}`, {}, remedy);
        });
      }
      mistakes.raise();
    },
    add(tenant) {
      for (const [identity, owner] of keysOf(tenant)) owners.set(identity, owner);
    },
    remove(tenant) {
      for (const [identity] of keysOf(tenant)) owners.delete(identity);
    },
  };
}

/** A ring may hold one key twice, under two ids. */
function keysOf({ id, ring, vrf }: Tenant): ReadonlyMap<string, Owner> {
  const keys = new Map<string, Owner>();
  for (const key of ring === 'none' ? [] : ring.keys) {
    keys.set(keyIdentity(key), { tenant: id, name: `key ${key.id}` });
  }
  if (vrf !== undefined) keys.set(`vrf:${encodeBase64(vrf.publicKey)}`, { tenant: id, name: 'VRF key' });
  return keys;
}
