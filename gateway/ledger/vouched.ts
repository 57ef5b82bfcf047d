import type { KnownRoot } from '../../src/ledger/audit.ts';

/** A root that the ledger must have had on its way, and who says so: `a checkpoint`. */
export interface Vouched extends KnownRoot {
  readonly by: string;
}
