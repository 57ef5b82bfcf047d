import { ledgerSegments } from '../ledger/read.ts';
import { placed } from './index-rows.ts';
import { BEGINNING, readPosition, readTail, type TailPosition } from './ledger-tail.ts';

/**
 * Where reading goes on, as far as the ledger bears it out: a position past its end, in no segment of it, or of a ledger that begins otherwise was
 * written by somebody else. Believed, it would leave the index as it is for good; it counts as lost.
 *
 * @param size entries of the ledger that are on the disk
 * @throws as {@link readPosition} does
 *
 * @example
 * const position = await knownPosition('data/audit-worm', ledger.chain.tree.size);
 */
export async function knownPosition(directory: string, size: number): Promise<TailPosition> {
  const position = await readPosition(directory);
  if (position.index > size) return BEGINNING;
  if (!(await ledgerSegments(directory)).some(({ name }) => name === position.segment)) return BEGINNING;
  const { next } = await readTail(directory, BEGINNING, size, 1);
  const [first] = (await readTail(directory, next, size, 1)).lines;
  // Where retention deleted the first entry, nothing tells.
  const id = first?.index === 0 ? placed(first).entry?.entry_hash : undefined;
  return id === undefined || id === position.ledgerId ? position : BEGINNING;
}
