import type { Decision } from '../decide.ts';
import { PII_GUARD } from '../guards/pii/guard.ts';
import { MAX_FINDINGS } from '../guards/pii/report.ts';
import { nanoText } from './nano.ts';
import type { PcsPolicy } from './policy.ts';
import { policyHash } from './policy-hash.ts';
import type { PolicyOf } from './policy-option.ts';
import { PCS_FACT, type PcsRecord } from './record.ts';

export interface PcsLedgerFieldsOptions {
  /** The parameters that a tenant was held to, and in this decision. */
  readonly policy: PolicyOf;
  /** What the operator calls them. */
  readonly policyVersion: (tenant: string | undefined, decision: Decision) => string;
  /** Where this gate runs. */
  readonly region: string;
}

/**
 * What a ledger record keeps of a PCS: the signed fields, the claimed regime, who vouched for them, and the policy that
 * they were held against. Numbers are decimal text with nine decimals, as they are signed, so that a field has one type
 * in every record. Facts exist only after the format guard, which stands behind the PII guard: what that refuses never gets here.
 * A `shard_id`, the one field of a client's own words, is `null` where that guard found something in it and only said so.
 *
 * @example
 * ledger({ append, fields: pcsLedgerFields({ policy: () => policy, policyVersion: () => '2026-03', region: 'eu-1' }) });
 */
export function pcsLedgerFields(
  options: PcsLedgerFieldsOptions,
): (decision: Decision) => Readonly<Record<string, unknown>> {
  const { policy, policyVersion, region } = options;
  const hashes = new WeakMap<PcsPolicy, string>();

  function hashOf(inForce: PcsPolicy): string {
    const hash = hashes.get(inForce) ?? policyHash(inForce);
    hashes.set(inForce, hash);
    return hash;
  }

  return (decision) => {
    const { facts, tenant } = decision;
    const record = facts[PCS_FACT] as PcsRecord | undefined;
    return {
      ...(record && {
        pcs_id: record.pcs_id,
        merkle_root: record.merkle_root,
        epoch: record.epoch,
        shard_id: mayHoldPersonalData(decision) ? null : record.shard_id,
        D_hat: nanoText(record.D_hat),
        coh_star: nanoText(record.coh_star),
        r: nanoText(record.r),
        budget: nanoText(record.budget),
        regime: record.regime,
      }),
      policy_version: policyVersion(tenant, decision),
      policy_hash: hashOf(policy(tenant, decision)),
      key_id: facts.key_id ?? null,
      signature_profile: facts.signature_profile ?? null,
      region,
    };
  };
}

/** A full list of findings does not tell of all that was found. */
function mayHoldPersonalData({ verdicts }: Decision): boolean {
  const findings = verdicts.find(({ guard }) => guard === PII_GUARD)?.verdict.findings ?? [];
  if (findings.length >= MAX_FINDINGS) return true;
  return findings.some(({ place }) => place.in === 'body' && place.pointer === '/shard_id');
}
