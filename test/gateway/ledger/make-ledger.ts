import { chmod, readFile, writeFile } from 'node:fs/promises';
import { keepCheckpoint, signCheckpoint } from '../../../gateway/ledger/checkpoints.ts';
import { type LedgerSegment, ledgerSegments } from '../../../gateway/ledger/read.ts';
import type { Tree } from '../../../src/ledger/merkle.ts';
import { type NoteSigner, type NoteVerifier, readSignerKey, readVerifierKey } from '../../../src/ledger/note-key.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { tempDirectory } from '../../helpers/temp.ts';
import { GO_NOTE } from '../../ledger/notes.ts';
import { EVE, open } from './helpers.ts';

export interface MadeLedger {
  readonly directory: string;
  readonly segments: readonly LedgerSegment[];
  readonly verifierKey: string;
  readonly verifiers: readonly NoteVerifier[];
}

/** A published key: everybody has it, so nothing but a test may use it. */
export const SIGNER: NoteSigner = (await readSignerKey(GO_NOTE.signerKey))!;

const SECOND = 1_000;

/** Signs a tree with a key and keeps the checkpoint, as the gateway does. */
export async function writeCheckpoint(directory: string, tree: Tree, signer: NoteSigner): Promise<void> {
  await keepCheckpoint(directory, tree.size, await signCheckpoint(tree, signer));
}

/** Writes a ledger as the gateway does: three entries to a segment, a minute between segments, checkpoints at sizes. */
export async function makeLedger(records: readonly LedgerRecord[], sizes: readonly number[]): Promise<MadeLedger> {
  const directory = await tempDirectory();
  let now = EVE - 3_600 * SECOND;
  let ledger = await open(directory, { now: () => now });
  for (const [at, record] of records.entries()) {
    if (at > 0 && at % 3 === 0) {
      await ledger.close();
      now += 60 * SECOND;
      ledger = await open(directory, { now: () => now });
    }
    await ledger.append(record);
    if (sizes.includes(at + 1)) await writeCheckpoint(directory, ledger.chain.tree, SIGNER);
  }
  await ledger.close();
  return {
    directory,
    segments: await ledgerSegments(directory),
    verifierKey: GO_NOTE.verifierKey,
    verifiers: [readVerifierKey(GO_NOTE.verifierKey)!],
  };
}

/** Changes the bytes of a file, sealed or not. */
export async function edit(path: string, change: (text: string) => string): Promise<void> {
  const text = await readFile(path, 'latin1');
  await chmod(path, 0o600);
  await writeFile(path, change(text), 'latin1');
}
