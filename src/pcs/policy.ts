/** Every number the PCS guards compare with; one set per tenant. */
export interface PcsPolicy {
  /** Largest accepted |claimed - recomputed| of D_hat, inclusive. */
  readonly tolD: number;
  /** How far coh_star may exceed 1, inclusive. */
  readonly tolCoh: number;
  /** Largest accepted |claimed - recomputed| of budget, inclusive. */
  readonly tolBudget: number;
  /** budget = clamp(base + alpha (1 - r) + beta max(0, D_hat - d0) + gamma coh_star). */
  readonly base: number;
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  readonly d0: number;
  /** `sticky` from this coherence on ... */
  readonly stickyCoh: number;
  /** ... and up to this D_hat; both inclusive. */
  readonly stickyD: number;
  /** `non_sticky` from this D_hat on, inclusive. */
  readonly nonStickyD: number;
  /** Bounds of D_hat outside which a record is implausible, inclusive. */
  readonly minD: number;
  readonly maxD: number;
  /** Anomaly score from which a request is flagged, and from which it is escalated. */
  readonly anomalyAlert: number;
  readonly anomalyEscalate: number;
}

/** The parameters that agents in the field compute with (contract of the PCS format, version 0.1). */
export const DEFAULT_PCS_POLICY: PcsPolicy = Object.freeze({
  tolD: 0.15,
  tolCoh: 0.05,
  tolBudget: 0.01,
  base: 0.1,
  alpha: 0.3,
  beta: 0.5,
  gamma: 0.2,
  d0: 2.2,
  stickyCoh: 0.7,
  stickyD: 1.5,
  nonStickyD: 2.6,
  minD: 0,
  maxD: 3.5,
  anomalyAlert: 0.5,
  anomalyEscalate: 0.8,
});

/** Narrower D_hat bounds for gateways in strict mode. */
export const STRICT_D_BOUNDS: Pick<PcsPolicy, 'minD' | 'maxD'> = Object.freeze({ minD: 0.5, maxD: 3.0 });

/** What the ledger calls a policy that nobody has given a version. */
export const DEFAULT_POLICY_VERSION = '0.1';
