import type { Audit } from '../../src/ledger/audit.ts';
import type { LedgerFault } from './verify.ts';

/** Where an entry stands. */
export interface EntryPlace {
  /** Name of the segment. */
  readonly segment: string;
  /** From 1. */
  readonly line: number;
}

/** Remembers the places that an audit may yet name: the last two, and the first behind the newest checkpoint. */
export interface Places {
  /** Tells the place of the line that is audited next. */
  next(place: EntryPlace): void;
  /** Where the entry stands that a fault names; `undefined` for one that is not there. */
  of(fault: LedgerFault): EntryPlace | undefined;
}

export function rememberPlaces(audit: Audit): Places {
  let last: { readonly place: EntryPlace; readonly index: number } | undefined;
  let before: typeof last;
  let behindCheckpoint: typeof last;
  let agreed = -1;
  return {
    next(place) {
      const index = audit.at.tree.size;
      // Behind a break of the chain lines go by that are not counted any more.
      if (index === last?.index) return;
      before = last;
      last = { place, index };
      if (agreed === audit.agreed) return;
      agreed = audit.agreed;
      behindCheckpoint = last;
    },
    of({ index, reason }) {
      if (reason === 'missing') return undefined;
      return [behindCheckpoint, before, last].find((one) => one?.index === index)?.place;
    },
  };
}
