import type { LedgerFault, VerifyResult } from '../../gateway/ledger/verify.ts';
import { printable } from './printable.ts';

const REASONS: Readonly<Record<LedgerFault['reason'], string>> = {
  size: 'its line is longer than any entry',
  json: 'its line is no JSON object in UTF-8',
  form: 'its line is not as entries are written',
  entry_hash: 'its content is not what its entry_hash says',
  prev_hash: 'it does not follow the entry before it: one of the two was changed, or what was between them is gone',
  inserted: 'it was inserted: the entries around it follow each other without it',
  removed: 'it was removed: the entry that stands here now is the one that followed it',
  rewritten: 'it was rewritten, and its entry_hash made anew: the entry behind it knows the hash it had',
  root: 'from here on the entries are not those that a checkpoint vouches for',
  missing: 'it is missing: the ledger ends before it',
  seal: 'is not as its seal says, or has none that can be read',
  gone: 'is gone, and no entry says that retention deleted it',
  unvouched:
    'is sealed, and no signed checkpoint vouches for it: those that did are gone, or the gateway made none yet',
  retention: 'is gone, and the entry that says that retention deleted it is not vouched for yet by a signed checkpoint',
  checkpoint: 'is no checkpoint of its size, or is not signed by a known key',
  empty:
    'there are no entries and no checkpoints: this is no ledger, one without a request so far, or all of it was taken away',
};

/** One line about a fault: which entry, where it stands, and what is wrong. */
export function describeFault({ reason, index, place, size, name }: LedgerFault): string {
  if (reason === 'empty') return REASONS[reason];
  // The name of a file is whatever somebody gave it.
  if (index === undefined) {
    return `${reason === 'checkpoint' ? 'checkpoint' : 'segment'} ${printable(name ?? '')}: ${REASONS[reason]}`;
  }
  const where = place === undefined ? '' : ` (${place.segment} line ${place.line})`;
  const until = size === undefined ? '' : ` (${size} entries are vouched for)`;
  return `entry ${index}${where}: ${REASONS[reason]}${until}`;
}

/** What was looked at, and what nothing vouches for. */
export function describeSound(result: VerifyResult, knowsKeys: boolean, leftOut = 0): string {
  const { first, size, segments, deleted, checkpoints, vouchedSize, tornBytes } = result;
  const lines = [
    `${size - first} entries in ${segments} segments hold: entries ${first} to ${size - 1}, chain and seals`,
    `${checkpoints} checkpoints agree with the tree, the newest at ${vouchedSize} entries`,
  ];
  if (size === first) lines[0] = 'there are no entries';
  if (checkpoints > 0 && !knowsKeys) lines.push('who signed the checkpoints was not looked at: give --key');
  const open = size - Math.max(vouchedSize, first);
  if (open > 0) lines.push(`${open} entries at the end have no checkpoint yet`);
  if (deleted > 0) lines.push(`${deleted} segments were deleted by retention, as the ledger says itself`);
  if (tornBytes > 0)
    lines.push(`${tornBytes} bytes at the end are no whole entry: being written, or cut off by a crash`);
  if (leftOut > 0) lines.push(`${leftOut} pieces of the anchor file are no whole checkpoints and were left out`);
  return lines.map((line) => `${line}\n`).join('');
}
