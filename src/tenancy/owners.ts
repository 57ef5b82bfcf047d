import { encodeBase64 } from '../base64.ts';
import { ConfigError } from '../errors.ts';
import { materialOf } from '../guards/signature/key-ring.ts';
import { keyIdentity, secretIdentity } from '../guards/signature/shared-keys.ts';
import { collectMistakes } from '../mistakes.ts';
import type { Tenant } from './tenant.ts';

/** Which tenant a key belongs to: no two may have one, or either could pass for the other. */
export interface KeyOwners {
  /**
   * @param isTold whether errors say whose a key is: to whoever writes the configuration, not to whoever sends a tenant
   * @throws {ConfigError} `PTC_E009` for every key of the tenant that is another one's.
   */
  check(tenant: Tenant, isTold: boolean): void;
  add(tenant: Tenant): void;
  remove(tenant: Tenant): void;
}

interface Owner {
  readonly tenant: string;
  /** What errors call the key. */
  readonly name: string;
}

/** A tenant is looked at again whenever others change, and is itself never changed. */
const KEYS = new WeakMap<Tenant, ReadonlyMap<string, Owner>>();

/** Keys of tenants and whose they are. Each operation takes as long as the tenant has keys. */
export function keyOwners(): KeyOwners {
  const owners = new Map<string, Owner>();
  return {
    check(tenant, isTold) {
      const mistakes = collectMistakes();
      for (const [identity, { name }] of keysOf(tenant)) {
        const owner = owners.get(identity);
        if (owner === undefined || owner.tenant === tenant.id) continue;
        mistakes.attempt(() => {
          const other = isTold ? `it is also ${owner.name} of tenant ${owner.tenant}` : 'another tenant has this key';
          const remedy = `${other}: give each tenant keys of its own`;
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

function keysOf(tenant: Tenant): ReadonlyMap<string, Owner> {
  const keys = KEYS.get(tenant) ?? readKeys(tenant);
  KEYS.set(tenant, keys);
  return keys;
}

/**
 * All keys of a tenant. A public key is known to many: as text it is taken too, so that it becomes nobody's secret. A ring
 * may hold one key twice, under two ids.
 */
function readKeys({ id, ring, vrf }: Tenant): ReadonlyMap<string, Owner> {
  const keys = new Map<string, Owner>();
  const publish = (publicKey: Uint8Array, owner: Owner): void => {
    for (const text of textsOf(publicKey)) keys.set(secretIdentity(text), owner);
  };
  for (const key of ring === 'none' ? [] : ring.keys) {
    const owner = { tenant: id, name: `key ${key.id}` };
    keys.set(keyIdentity(key), owner);
    const publicKey = key.alg === 'ed25519' ? materialOf(key) : undefined;
    if (publicKey !== undefined) publish(publicKey, owner);
  }
  if (vrf !== undefined) {
    const owner = { tenant: id, name: 'VRF key' };
    keys.set(`vrf:${encodeBase64(vrf.publicKey)}`, owner);
    publish(vrf.publicKey, owner);
  }
  return keys;
}

/** Texts that a public key is commonly written as. */
function textsOf(publicKey: Uint8Array): readonly string[] {
  const base64 = encodeBase64(publicKey);
  const base64url = base64.replaceAll('+', '-').replaceAll('/', '_');
  const hex = Array.from(publicKey, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [...[base64, base64url].flatMap((text) => [text, text.replaceAll('=', '')]), hex, hex.toUpperCase()];
}
