import type { Decision } from '../decide.ts';
import { PCS_FACT, type PcsRecord } from './record.ts';

/**
 * What a ledger record keeps of a PCS: the signed fields, the claimed regime, and who vouched for them. Facts exist
 * only after the format guard, which stands behind the PII guard: what that refuses never gets here.
 */
export function pcsLedgerFields({ facts }: Decision): Readonly<Record<string, unknown>> {
  const record = facts[PCS_FACT] as PcsRecord | undefined;
  return {
    ...(record && {
      pcs_id: record.pcs_id,
      merkle_root: record.merkle_root,
      epoch: record.epoch,
      shard_id: record.shard_id,
      D_hat: record.D_hat,
      coh_star: record.coh_star,
      r: record.r,
      budget: record.budget,
      regime: record.regime,
    }),
    key_id: facts.key_id ?? null,
    signature_profile: facts.signature_profile ?? null,
  };
}
