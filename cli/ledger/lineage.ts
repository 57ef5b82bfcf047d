import process from 'node:process';
import { verifyLedger } from '../../gateway/ledger/verify.ts';
import { ConfigError } from '../../src/errors.ts';
import { readArguments } from '../options.ts';
import { describeFault } from './describe.ts';
import { bytesOf, ledgerDirectory, onlyArgument } from './inputs.ts';
import { printable } from './printable.ts';
import { showProgress } from './progress.ts';

const FIELDS = [
  'timestamp',
  'decision_id',
  'corrects',
  'outcome',
  'status',
  'code',
  'reasons',
  'policy_version',
  'policy_hash',
  'key_id',
  'signature_profile',
  'region',
  'body_digest',
  'entry_hash',
] as const;

/**
 * Prints all decisions on a PCS of one tenant, in order, one line of JSON each; 1 where there is none. Of a
 * ledger that does not hold, those up to the last checkpoint before the fault.
 */
export async function lineage(args: readonly string[], usage: string): Promise<number> {
  const given = readArguments(args, usage, { texts: ['dir', 'tenant'], positionals: true });
  if (given === undefined) return 0;
  const { values, positionals } = given;
  const id = onlyArgument('<pcs_id>', positionals);
  const { tenant } = values;
  if (tenant === undefined) throw new ConfigError('PTC_E001', '--tenant', tenant, 'name the tenant that the PCS is of');
  const directory = await ledgerDirectory(values.dir);
  const progress = showProgress(await bytesOf(directory));
  const found: [index: number, line: string][] = [];
  const { fault, vouchedSize } = await verifyLedger({
    directory,
    onProgress: progress.add,
    onEntry(entry, index) {
      if (entry.kind !== 'decision' || entry.pcs_id !== id || entry.tenant !== tenant) return;
      const told = FIELDS.flatMap((name) => (entry[name] === undefined ? [] : [[name, entry[name]] as const]));
      found.push([index, printable(JSON.stringify({ index, ...Object.fromEntries(told) }))]);
    },
  }).finally(progress.end);
  // The one before the entry that is named may be the forged one, as may any behind the last checkpoint that agreed; and any at all
  // where none is named.
  const sound = fault === undefined ? Number.POSITIVE_INFINITY : Math.min(fault.index ?? 0, vouchedSize);
  // What was read again, as retention deleted something meanwhile, is told once.
  const lines = new Map(found.filter(([index]) => index < sound));
  for (const line of lines.values()) process.stdout.write(`${line}\n`);
  if (fault !== undefined) process.stderr.write(`portcullis: ${describeFault(fault)}\n`);
  else if (lines.size === 0) process.stderr.write('portcullis: there is no decision on that PCS of that tenant\n');
  return lines.size > 0 && fault === undefined ? 0 : 1;
}
