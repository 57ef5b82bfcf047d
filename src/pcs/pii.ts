import type { Guard } from '../guard.ts';
import { type PiiOptions, pii } from '../guards/pii/guard.ts';
import type { PiiPolicy, PiiPolicyOf } from '../guards/pii/policy.ts';

/** Fields of hexadecimal or base64 that no person is named by. In any other shape they are scanned like the rest. */
export const PCS_IDENTIFIERS: readonly string[] = Object.freeze([
  '/pcs_id',
  '/merkle_root',
  '/sig',
  '/vrf_proof',
  '/vrf_output',
]);

/** Text that the signature covers, or that is one: rewritten, the record would no longer be the tenant's. */
export const PCS_PROTECTED: readonly string[] = Object.freeze([...PCS_IDENTIFIERS, '/shard_id']);

/** Whole numbers that may be any: a 53-bit seed has as many digits as a card, and one in some 35 passes for one. */
export const PCS_FREE_NUMBERS: readonly string[] = Object.freeze([
  '/seed',
  '/epoch',
  '/ft/outbox_seq',
  '/ft/clock_skew_ms',
]);

/**
 * The personal data guard of the PCS preset: identifier fields are exempt, and personal data in a signed field blocks in
 * `redact` too. A record is UTF-8: in `block` and `redact` any other charset is refused with `PTC_D106`.
 *
 * @param policy one for everybody, or by tenant; a tenant without one has the defaults
 * @throws {ConfigError} if a policy is not valid; for one by tenant, when the tenant is first seen.
 *
 * @example
 * const guard = pcsPii((tenant) => tenants.get(tenant)?.pii ?? { mode: 'block' });
 */
export function pcsPii(policy: PiiPolicy | PiiPolicyOf = {}): Guard {
  const fields = {
    identifiers: PCS_IDENTIFIERS,
    protect: PCS_PROTECTED,
    keys: true,
    numbers: { except: PCS_FREE_NUMBERS },
    utf8Only: true,
  } satisfies PiiOptions;
  return pii(typeof policy === 'function' ? { ...fields, policy } : { ...policy, ...fields });
}
