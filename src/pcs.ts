export { MAX_DIRECTIONS } from './guards/vrf/directions.ts';
export { compressionRatio, DEFAULT_CHUNK_BYTES, merkleRoot } from './pcs/agent/commitment.ts';
export { DEFAULT_PROFILE, type SignOptions, signPcs } from './pcs/agent/sign.ts';
export {
  DEFAULT_DIRECTIONS,
  DEFAULT_SCALES,
  MAX_AGENT_SCALES,
  type PcsBody,
  type SummarizeOptions,
  summarize,
  tableBytes,
} from './pcs/agent/summarize.ts';
export { MAX_COLUMNS, MAX_POINTS } from './pcs/agent/table.ts';
export {
  anomalyScoreV1,
  anomalyScoreV2,
  type PcsAnomalyOptions,
  type PcsSignals,
  pcsAnomaly,
} from './pcs/anomaly.ts';
export { type PcsAnswer, pcsAnswer } from './pcs/answer.ts';
export { type BudgetPolicy, budgetOf } from './pcs/budget.ts';
export {
  macInput,
  PCS_PROFILES,
  type PcsProfile,
  type SignedFields,
  type SignedInput,
  type SignedText,
  signedInputs,
  signedTexts,
} from './pcs/canonical.ts';
export { theilSenDimension } from './pcs/dimension.ts';
export { MAX_SCALE, MIN_SCALE, PCS_SCHEMA } from './pcs/fields.ts';
export { pcsFormat, SUPPORTED_PCS_VERSIONS } from './pcs/format.ts';
export { pcsId } from './pcs/id.ts';
export { type PcsLedgerFieldsOptions, pcsLedgerFields } from './pcs/ledger-fields.ts';
export { pcsMetrics } from './pcs/metrics.ts';
export { nanoText, roundNano, toNano } from './pcs/nano.ts';
export { type PcsResult, parsePcs } from './pcs/parse.ts';
export { PCS_IDENTIFIERS, PCS_PROTECTED, pcsPii } from './pcs/pii.ts';
export { DEFAULT_PCS_POLICY, DEFAULT_POLICY_VERSION, type PcsPolicy, STRICT_D_BOUNDS } from './pcs/policy.ts';
export { policyHash } from './pcs/policy-hash.ts';
export type { PolicyOf } from './pcs/policy-option.ts';
export {
  DEFAULT_REGION,
  FAILED_AUTHENTICATION_BURST,
  FAILED_AUTHENTICATION_RATE,
  type PcsGuardsOptions,
  pcsGuards,
  tenantFromHeader,
} from './pcs/preset.ts';
export { type RecomputedFacts, type RecomputeOptions, recompute } from './pcs/recompute.ts';
export { type FaultTolerance, PCS_FACT, type PcsRecord, type Regime } from './pcs/record.ts';
export { regimeOf } from './pcs/regime.ts';
export { type PcsSanityOptions, pcsSanity, pcsSanityRules } from './pcs/sanity.ts';
export { type PcsSignatureOptions, pcsSignature } from './pcs/signature.ts';
export { PCS_VRF_PREFIX, type PcsVrfOptions, pcsAlpha, pcsVrf } from './pcs/vrf.ts';
