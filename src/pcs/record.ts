/** How the measured structure behaves, as the agent claims it. */
export type Regime = 'sticky' | 'mixed' | 'non_sticky';

/** Delivery notes of the agent; nothing is decided by them. */
export interface FaultTolerance {
  readonly outbox_seq: number;
  readonly degraded: boolean;
  readonly fallbacks: readonly string[];
  readonly clock_skew_ms: number;
}

/** A Proof-of-Computation Summary whose every field has the right type and range of its format. */
export interface PcsRecord {
  readonly pcs_id: string;
  readonly schema: 'fractal-lba-kakeya';
  readonly version: string;
  readonly shard_id: string;
  readonly epoch: number;
  readonly attempt: number;
  readonly sent_at: string;
  /** May exceed 2^53, so it never passes through a double. */
  readonly seed: bigint;
  /** At least two distinct integers from 1 to 1024, in the order sent. */
  readonly scales: readonly number[];
  /** Box counts by scale; a scale may be missing. */
  readonly N_j: ReadonlyMap<number, number>;
  readonly coh_star: number;
  readonly v_star: readonly [number, number, number];
  readonly D_hat: number;
  readonly r: number;
  readonly regime: Regime;
  readonly budget: number;
  readonly merkle_root: string;
  /** Standard base64 with padding, or empty. */
  readonly sig: string;
  readonly ft: FaultTolerance;
  readonly vrf_proof?: string;
  readonly vrf_output?: string;
}

/** The name under which the format guard publishes the parsed record to later guards. */
export const PCS_FACT = 'pcs';
