import { edwards25519Tai } from '../src/guards/vrf/ecvrf.ts';
import type { TenantSpec } from '../src/tenancy/tenant.ts';

/** Known to everybody, and refused in production. */
export const DEMO_HMAC_KEY = 'portcullis-demo-key';

/** The VRF secret key that the demo proves with: SHA-256 of nothing, known to everybody. */
export const DEMO_VRF_SECRET: Uint8Array = Uint8Array.from(
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'.match(/../g) ?? [],
  (hex) => Number.parseInt(hex, 16),
);

/** The tenant of a gateway that nobody configured. A VRF proof is checked if it comes, and not asked for. */
export function demoTenant(): TenantSpec {
  return {
    id: 'demo',
    keys: [{ id: 'demo', alg: 'hmac', key: DEMO_HMAC_KEY }],
    vrf: { publicKey: edwards25519Tai.publicKey(DEMO_VRF_SECRET), required: false },
  };
}
