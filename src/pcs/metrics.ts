import type { Decision } from '../decide.ts';
import type { Verdict } from '../guard.ts';
import { BETA_FACT } from '../guards/vrf/guard.ts';
import type { Sink } from '../sinks.ts';
import type { Counter, Meter } from '../telemetry/meter.ts';

/** Buckets of the anomaly score. */
export const SCORE_BUCKETS: readonly number[] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

const SIGNATURE_CODES: ReadonlySet<string | undefined> = new Set(['PTC_D301', 'PTC_D302', 'PTC_D303']);
const LIMIT_CODES: ReadonlySet<string | undefined> = new Set(['PTC_D601', 'PTC_D602']);

/**
 * A sink that keeps the `flk_…` series that dashboards in the field read. Series by tenant exist for known
 * tenants only: the gate gives a decision no other tenant.
 */
export function pcsMetrics(meter: Meter): Sink {
  const byTenant = (name: string, help: string): Counter => meter.counter(name, help, ['tenant_id']);
  const pair = (name: string, help: string): ((tenant: string | undefined) => void) => {
    const total = meter.counter(name, help, []);
    const tenants = byTenant(`${name}_by_tenant`, `${help} By tenant.`);
    return (tenant) => {
      total.add({});
      if (tenant !== undefined) tenants.add({ tenant_id: tenant });
    };
  };
  const ingest = pair('flk_ingest_total', 'Submissions.');
  const dedupHits = pair('flk_dedup_hits', 'Submissions answered from before.');
  const accepted = pair('flk_accepted', 'Submissions accepted (200).');
  const escalated = pair('flk_escalated', 'Submissions escalated (202).');
  const signatureErrors = pair('flk_signature_errors', 'Signatures missing, malformed or wrong.');
  const quotaExceeded = byTenant('flk_quota_exceeded_by_tenant', 'Submissions over a rate or quota. By tenant.');
  const walErrors = meter.counter('flk_wal_errors', 'Requests that could not be written to the inbox log.', []);
  const vrfInvalid = meter.counter(
    'flk_vrf_invalid_total',
    'VRF proofs found invalid, or missing where required, at any stage.',
    [],
  );
  const vrfProofs = meter.counter(
    'flk_vrf_proofs_by_tenant',
    'Submissions of tenants with a VRF key, by what became of their proof: valid, invalid or missing; at any stage.',
    ['tenant_id', 'proof'],
  );
  const sanityFailed = meter.counter('flk_sanity_check_failed', 'Sanity checks that failed, at any stage.', []);
  const piiDetections = meter.counter('flk_pii_detections_total', 'Findings of personal data, at any stage.', []);
  const anomalyScore = meter.histogram('flk_anomaly_score', 'Anomaly scores.', [], SCORE_BUCKETS);

  return {
    record(decision: Decision) {
      const { tenant, outcome, code } = decision;
      ingest(tenant);
      if (outcome === 'answer') dedupHits(tenant);
      if (outcome === 'allow') accepted(tenant);
      if (outcome === 'escalate') escalated(tenant);
      if (SIGNATURE_CODES.has(code)) signatureErrors(tenant);
      if (tenant !== undefined && LIMIT_CODES.has(code)) quotaExceeded.add({ tenant_id: tenant });
      for (const { guard, verdict } of decision.verdicts) {
        const quiet = verdict.kind === 'pass';
        if (guard === 'inbox' && verdict.kind === 'error') walErrors.add({});
        if (guard === 'vrf' && !quiet && verdict.kind !== 'error' && !isOptionalProof(verdict)) vrfInvalid.add({});
        const proof = guard === 'vrf' ? proofOf(verdict) : undefined;
        if (tenant !== undefined && proof !== undefined) vrfProofs.add({ tenant_id: tenant, proof });
        if (guard === 'sanity' && !quiet && verdict.kind !== 'error') sanityFailed.add({});
        if (guard === 'pii' && verdict.findings?.length) piiDetections.add({}, verdict.findings.length);
      }
      const score = decision.facts.anomaly_score;
      if (typeof score === 'number') anomalyScore.observe({}, score);
    },
  };
}

/** `undefined` where there was no key to check with, or the guard failed. */
function proofOf(verdict: Verdict): 'valid' | 'invalid' | 'missing' | undefined {
  if (verdict.kind === 'pass') return verdict.facts?.[BETA_FACT] === undefined ? undefined : 'valid';
  const code = 'code' in verdict ? verdict.code : undefined;
  if (code === 'PTC_D306') return 'missing';
  return code === 'PTC_D305' ? 'invalid' : undefined;
}

/** A proof that nobody asked for is not there: nothing is wrong. */
function isOptionalProof(verdict: Verdict): boolean {
  return verdict.kind === 'flag' && verdict.code === 'PTC_D306';
}
