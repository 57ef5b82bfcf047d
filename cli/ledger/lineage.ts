import process from 'node:process';
import { ledgerLines } from '../../gateway/ledger/lines.ts';
import { isAbout } from '../../gateway/ledger/prove.ts';
import { ConfigError } from '../../src/errors.ts';
import { checkEntry } from '../../src/ledger/entry.ts';
import { readArguments } from '../options.ts';
import { bytesOf, ledgerDirectory, onlyArgument } from './inputs.ts';
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

/** Prints all decisions on a PCS of one tenant, in order, one line of JSON each; 1 where there is none. */
export async function lineage(args: readonly string[], usage: string): Promise<number> {
  const given = readArguments(args, usage, { texts: ['dir', 'tenant'], positionals: true });
  if (given === undefined) return 0;
  const { values, positionals } = given;
  const id = onlyArgument('<pcs_id>', positionals);
  const { tenant } = values;
  if (tenant === undefined) throw new ConfigError('PTC_E001', '--tenant', tenant, 'name the tenant that the PCS is of');
  const directory = await ledgerDirectory(values.dir);
  const progress = showProgress(await bytesOf(directory));
  const found: string[] = [];
  const unsound: number[] = [];
  for await (const { index, text } of ledgerLines(directory, { onProgress: progress.add })) {
    if (!isAbout(text, id)) continue;
    const check = checkEntry(text, undefined);
    if (!check.ok) unsound.push(index);
    else if (check.entry.pcs_id === id && check.entry.tenant === tenant) {
      const { entry } = check;
      const told = FIELDS.flatMap((name) => (entry[name] === undefined ? [] : [[name, entry[name]] as const]));
      found.push(JSON.stringify({ index, ...Object.fromEntries(told) }));
    }
  }
  progress.end();
  for (const line of found) process.stdout.write(`${line}\n`);
  for (const index of unsound) process.stderr.write(`portcullis: entry ${index} is not what its entry_hash says\n`);
  if (found.length === 0) process.stderr.write('portcullis: there is no decision on that PCS of that tenant\n');
  return found.length > 0 && unsound.length === 0 ? 0 : 1;
}
