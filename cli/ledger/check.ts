import process from 'node:process';
import { readRegular } from '../../gateway/ledger/regular-file.ts';
import { ConfigError } from '../../src/errors.ts';
import { checkProof, type ProofFault } from '../../src/ledger/proof.ts';
import { readArguments } from '../options.ts';
import { onlyArgument, verifierKeys } from './inputs.ts';
import { printable } from './printable.ts';

/** Bytes of a proof at most: an entry in base64, and a note. */
const MAX_PROOF_BYTES = 4_194_304;

const FAULTS: Readonly<Record<ProofFault, string>> = {
  form: 'it is no proof',
  entry: 'its entry is not what the entry_hash says',
  checkpoint: 'its checkpoint is not signed by a known key',
  path: 'the checkpoint is of a ledger without this entry at this place',
};

/** Checks a proof offline and prints its entry; 1 where it proves nothing. */
export async function check(args: readonly string[], usage: string): Promise<number> {
  const given = readArguments(args, usage, { texts: ['key'], positionals: true });
  if (given === undefined) return 0;
  const path = onlyArgument('<file>', given.positionals);
  const { key } = given.values;
  if (key === undefined) throw new ConfigError('PTC_E001', '--key', key, 'give the verifier key of the ledger');
  const verifiers = await verifierKeys(key);
  const found = await checkProof(await readProof(path), verifiers);
  if (!found.ok) {
    process.stderr.write(`portcullis: not proven: ${FAULTS[found.fault]}\n`);
    return 1;
  }
  const { entry, index, checkpoint } = found;
  process.stdout.write(`${printable(JSON.stringify(entry))}\n`);
  process.stderr.write(
    `proven: entry ${index} of ${printable(checkpoint.origin)}, of which ${checkpoint.size} entries are signed\n`,
  );
  return 0;
}

async function readProof(path: string): Promise<string> {
  const text = await readRegular(path, MAX_PROOF_BYTES, true).catch(() => undefined);
  if (text !== undefined) return text;
  throw new ConfigError('PTC_E013', '<file>', path, 'give the path of a proof that can be read');
}
