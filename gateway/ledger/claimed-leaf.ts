import { entryLeaf } from '../../src/ledger/proof.ts';

/** The leaf of a line by the hash that it claims to have; `undefined` for one that names none. Whether it is true is not looked at. */
export function claimedLeaf(text: string): Uint8Array | undefined {
  const [, hash] = /"entry_hash":"([0-9a-f]{64})"}$/.exec(text.slice(-80)) ?? [];
  return hash === undefined ? undefined : entryLeaf(hash);
}
