import type { DecisionCode } from '../../src/errors.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';

/** What a call asks for. */
export type AdminAction =
  | 'list'
  | 'read'
  | 'create'
  | 'replace'
  | 'patch'
  | 'add_key'
  | 'remove_key'
  | 'activate'
  | 'deactivate'
  | 'unknown';

/**
 * What the ledger keeps of a call: who asked for what, and what came of it. Names of fields and ids of keys that were
 * checked; never a value, a key, a token, or a path.
 */
export interface AdminRecord extends LedgerRecord {
  readonly kind: 'admin';
  readonly call_id: string;
  readonly action: AdminAction;
  /** Name of the token; `null` if there was none that counts. */
  readonly actor: string | null;
  /** The client's address, of IPv6 the network. */
  readonly source: string | null;
  /** A tenant that is known, or becomes so. */
  readonly tenant: string | null;
  readonly status: number;
  readonly code: DecisionCode | null;
  /** The revision that the change makes. Several records with one: only the last of them may have come into force. */
  readonly revision: number | null;
  /** Options that change. */
  readonly changed: readonly string[];
  /** Keys that come, go or end, by their ids. */
  readonly keys: readonly string[];
  readonly region: string;
  /** The call whose record this one takes the place of: what it said did not come about. */
  readonly corrects?: string;
  /** In the record of a call of an address that is not listened to: such calls, of any address, without one since the last. */
  readonly unrecorded?: number;
}

/** What a change does, for its record. */
export type AdminEffect = Pick<AdminRecord, 'revision' | 'changed' | 'keys'>;

export const NO_EFFECT: AdminEffect = Object.freeze({ revision: null, changed: [], keys: [] });
