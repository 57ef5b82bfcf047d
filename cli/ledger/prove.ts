import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { MAX_PROOFS, proveEntries } from '../../gateway/ledger/prove.ts';
import { ConfigError } from '../../src/errors.ts';
import { readArguments } from '../options.ts';
import { bytesOf, ledgerDirectory, onlyArgument } from './inputs.ts';
import { showProgress } from './progress.ts';

/** Writes a proof for each entry of a decision, or of all decisions on a PCS; 1 where there is none. */
export async function prove(args: readonly string[], usage: string): Promise<number> {
  const given = readArguments(args, usage, { texts: ['dir', 'out', 'tenant'], positionals: true });
  if (given === undefined) return 0;
  const { values, positionals } = given;
  const id = onlyArgument('<pcs_id | decision_id>', positionals);
  const directory = await ledgerDirectory(values.dir);
  // Read once to find the entries, and again, in part, to hash what is beside them.
  const progress = showProgress(2 * (await bytesOf(directory)));
  const { tenant } = values;
  const found = await proveEntries(directory, id, {
    onProgress: progress.add,
    ...(tenant !== undefined && { tenant }),
  }).finally(progress.end);
  const { proven, pending, isCut, isOfSeveral } = found;
  const say = (text: string): unknown => process.stderr.write(`portcullis: ${text}\n`);
  if (isOfSeveral) {
    say('several tenants have entries with that id: name one with --tenant');
    return 1;
  }
  for (const { index, proof } of proven) {
    const path = join(values.out ?? '.', `entry-${index}.tlog-proof`);
    await writeFile(path, proof).catch(() => {
      throw new ConfigError('PTC_E013', '--out', path, 'give a directory that can be written to');
    });
    process.stdout.write(`${path}\n`);
  }
  for (const index of pending) say(`entry ${index} has no checkpoint yet: wait for the next one`);
  if (isCut) say(`there are more than ${MAX_PROOFS} entries with that id: name the decision`);
  if (proven.length + pending.length === 0) say('there is no decision with that id');
  return proven.length > 0 && pending.length === 0 ? 0 : 1;
}
