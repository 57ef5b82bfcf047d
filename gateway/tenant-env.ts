import { decodeBase64 } from '../src/base64.ts';
import { createKeyRing, type KeySpec, MAX_RING_KEYS } from '../src/guards/signature/key-ring.ts';
import { edwards25519Tai } from '../src/guards/vrf/ecvrf.ts';
import { TENANT_ID, type TenantSpec } from '../src/tenancy/tenant.ts';
import { badVariable, CLEAN_SECRET, type Env, isCleanSecret, readSecret, readText, readWord } from './env.ts';

/** The id of the tenant of a gateway that has one. */
export const SINGLE_TENANT = 'default';

/** Keys that have no effect with an algorithm. */
const UNUSED = {
  none: ['PCS_HMAC_KEY', 'PCS_HMAC_KEYS', 'PCS_ED25519_PUB_B64'],
  hmac: ['PCS_ED25519_PUB_B64'],
  ed25519: ['PCS_HMAC_KEY', 'PCS_HMAC_KEYS'],
} as const;

/** The tenant that `PCS_…` variables describe; `undefined` if none is set. */
export function singleTenant(env: Env): TenantSpec | undefined {
  const implied = impliedAlg(env);
  if (implied === undefined && readText(env, 'PCS_SIGN_ALG') === undefined) return undefined;
  const alg = readWord(env, 'PCS_SIGN_ALG', implied ?? 'none', ['none', 'hmac', 'ed25519']);
  for (const name of UNUSED[alg]) {
    if (readText(env, name) !== undefined) {
      throw badVariable(env, name, `leave it out: with PCS_SIGN_ALG ${alg} it has no effect`);
    }
  }
  const vrf = vrfKey(env);
  const shared = { id: SINGLE_TENANT, ...(vrf !== undefined && { vrf }) };
  if (alg === 'none') return { ...shared, keys: 'none' };
  return { ...shared, keys: alg === 'hmac' ? hmacKeys(env) : [ed25519Key(env)] };
}

function impliedAlg(env: Env): 'hmac' | 'ed25519' | undefined {
  if (readText(env, 'PCS_HMAC_KEY') ?? readText(env, 'PCS_HMAC_KEYS')) return 'hmac';
  return readText(env, 'PCS_ED25519_PUB_B64') === undefined ? undefined : 'ed25519';
}

/** The key and the overlapping ones of a rotation, each once. */
function hmacKeys(env: Env): readonly KeySpec[] {
  const listed = (readText(env, 'PCS_HMAC_KEYS') ?? '').split(',').map((key) => key.replaceAll(/^ +| +$/g, ''));
  const keys = [readSecret(env, 'PCS_HMAC_KEY') ?? '', ...listed].filter((key) => key !== '');
  if (!keys.every(isCleanSecret)) throw badVariable(env, 'PCS_HMAC_KEYS', CLEAN_SECRET);
  if (keys.length > MAX_RING_KEYS) {
    throw badVariable(env, 'PCS_HMAC_KEYS', `give ${MAX_RING_KEYS} keys or less, that of PCS_HMAC_KEY among them`);
  }
  if (keys.length === 0) throw badVariable(env, 'PCS_HMAC_KEY', 'give the shared key that agents sign with');
  return [...new Set(keys)].map((key, at) => ({ id: `hmac-${at + 1}`, alg: 'hmac', key }));
}

function ed25519Key(env: Env): KeySpec {
  const key = readText(env, 'PCS_ED25519_PUB_B64');
  const spec: KeySpec = { id: 'ed25519-1', alg: 'ed25519', key: key ?? '' };
  if (!isKey(spec)) throw badVariable(env, 'PCS_ED25519_PUB_B64', 'give the public key: 32 bytes in base64');
  return spec;
}

function vrfKey(env: Env): TenantSpec['vrf'] {
  const text = readText(env, 'VRF_PUB_B64');
  if (text === undefined) return undefined;
  const publicKey = decodeBase64(text);
  if (publicKey === undefined || edwards25519Tai.prepare(publicKey).fault !== undefined) {
    throw badVariable(env, 'VRF_PUB_B64', 'give the public key: 32 bytes of an Ed25519 VRF key in base64');
  }
  return { publicKey };
}

function isKey(spec: KeySpec): boolean {
  try {
    createKeyRing([spec]);
    return true;
  } catch {
    return false;
  }
}

/** `TENANTS`: `id:alg:key,…`, split at the first two colons, so that keys may hold colons. */
export function parseTenantList(env: Env): readonly TenantSpec[] {
  const ids = new Set<string>();
  return (readText(env, 'TENANTS') ?? '').split(',').map((entry, at) => {
    const remedy = (what: string): string => `entry ${at + 1} needs ${what}; write id:alg:key,id:alg:key`;
    const [, id, alg, key = ''] = /^\s*([^:]*):([^:]*)(?::(.*))?$/s.exec(entry) ?? [];
    if (!id) throw badVariable(env, 'TENANTS', remedy('an id'));
    if (!TENANT_ID.test(id)) {
      throw badVariable(env, 'TENANTS', remedy('an id of 1 to 64 letters, digits, dots, dashes, underscores'));
    }
    if (ids.has(id)) throw badVariable(env, 'TENANTS', remedy('an id of its own'));
    ids.add(id);
    if (alg === 'none') {
      if (key !== '') throw badVariable(env, 'TENANTS', remedy('no key with alg none'));
      return { id, keys: 'none' };
    }
    if (alg !== 'hmac' && alg !== 'ed25519') throw badVariable(env, 'TENANTS', remedy('alg hmac, ed25519 or none'));
    if (key === '') throw badVariable(env, 'TENANTS', remedy('a key'));
    if (!isCleanSecret(key)) {
      throw badVariable(env, 'TENANTS', remedy('a key without blanks around it and without control characters'));
    }
    const spec: KeySpec = { id: `${alg}-1`, alg, key };
    if (!isKey(spec)) {
      throw badVariable(
        env,
        'TENANTS',
        remedy(alg === 'hmac' ? 'a key of well-formed text' : 'a key of 32 bytes in base64'),
      );
    }
    return { id, keys: [spec] };
  });
}
