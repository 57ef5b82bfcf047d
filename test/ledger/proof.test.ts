import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkpointText } from '../../src/ledger/checkpoint.ts';
import { FIRST_PREV_HASH, sealEntry } from '../../src/ledger/entry.ts';
import { appendLeaf, EMPTY_TREE, rootOf } from '../../src/ledger/merkle.ts';
import { inclusionProof } from '../../src/ledger/merkle-proof.ts';
import { signNote } from '../../src/ledger/note.ts';
import { type NoteVerifier, readSignerKey, readVerifierKey } from '../../src/ledger/note-key.ts';
import { checkProof, entryLeaf, proofText } from '../../src/ledger/proof.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { mth } from './naive-merkle.ts';
import { GO_NOTE, SUM_DB } from './notes.ts';

const SIZE = 11;
const entries = ((): readonly { line: string; hash: string }[] => {
  let prev = FIRST_PREV_HASH;
  return Array.from({ length: SIZE }, (_, n) => {
    const entry = sealEntry({ kind: 'decision', timestamp: '2030-01-01T00:00:00.000Z', n } as LedgerRecord, prev);
    prev = entry.hash;
    return entry;
  });
})();
const leaves = entries.map(({ hash }) => entryLeaf(hash));
const root = rootOf(leaves.reduce(appendLeaf, EMPTY_TREE));
const signer = (await readSignerKey(GO_NOTE.signerKey))!;
const known: readonly NoteVerifier[] = [readVerifierKey(GO_NOTE.verifierKey)!];
const checkpoint = await signNote(checkpointText({ origin: 'log.example', size: SIZE, root, extensions: [] }), [
  signer,
]);
const proofOf = (index: number): string =>
  proofText({ line: entries[index]!.line, index, path: inclusionProof(leaves, index, SIZE), checkpoint });

test('the root is that of the 32 bytes of each entry_hash', () => {
  expect(Buffer.from(root)).toEqual(Buffer.from(mth(entries.map(({ hash }) => Buffer.from(hash, 'hex')))));
});

test('every entry is proven, with the key alone', async () => {
  for (let index = 0; index < SIZE; index++) {
    expect(await checkProof(proofOf(index), known)).toMatchObject({
      ok: true,
      index,
      entry: { n: index, entry_hash: entries[index]!.hash },
      checkpoint: { origin: 'log.example', size: SIZE },
    });
  }
});

test('the file is the one of c2sp.org/tlog-proof', () => {
  const lines = proofOf(5).split('\n');
  expect(lines[0]).toBe('c2sp.org/tlog-proof@v1');
  expect(Buffer.from(lines[1]!.replace(/^extra /, ''), 'base64').toString()).toBe(entries[5]!.line);
  expect(lines[2]).toBe('index 5');
  expect(lines.slice(3, 7).every((line) => Buffer.from(line, 'base64').length === 32)).toBe(true);
  expect(lines.slice(7).join('\n')).toBe(`\n${checkpoint}`);
});

describe('what shows nothing', () => {
  const proof = proofOf(5);
  const extra = (line: string): string => `extra ${Buffer.from(line).toString('base64')}`;
  const swap = (line: string): string => proof.replace(/^extra .*$/m, extra(line));

  test.each([
    ['nothing', '', 'form'],
    ['another version', proof.replace('@v1', '@v2'), 'form'],
    ['no entry', proof.replace(/^extra .*\n/m, ''), 'form'],
    ['no index', proof.replace(/^index .*\n/m, ''), 'form'],
    ['an index with a zero before it', proof.replace('index 5', 'index 05'), 'form'],
    ['a hash that is no base64', proof.replace(/^(index 5\n).*$/m, '$1*'), 'form'],
    ['no checkpoint', proof.slice(0, proof.indexOf('\n\n')), 'form'],
    ['sixty-five hashes', proof.replace('index 5\n', `index 5\n${`${'A'.repeat(43)}=\n`.repeat(65)}`), 'form'],
    ['an entry that was changed', swap(entries[5]!.line.replace('"n":5', '"n":6')), 'entry'],
    ['an entry that is none', swap('{}'), 'entry'],
    ['another entry of the ledger', swap(entries[6]!.line), 'path'],
    ['another index', proof.replace('index 5', 'index 4'), 'path'],
    ['an index beyond', proof.replace('index 5', 'index 11'), 'path'],
    ['a hash less', proof.replace(/^(index 5\n).*\n/m, '$1'), 'path'],
    ['a hash of another length', proof.replace(/^(index 5\n).*$/m, '$1AAAA'), 'path'],
    ['a checkpoint that nobody signed', proof.slice(0, proof.lastIndexOf('\n—')), 'checkpoint'],
    ['a checkpoint of somebody else', `${proof.slice(0, proof.indexOf('\n\n'))}\n\n${SUM_DB.small.note}`, 'checkpoint'],
    ['a note that is no checkpoint', `${proof.slice(0, proof.indexOf('\n\n'))}\n\n${GO_NOTE.note}`, 'checkpoint'],
  ])('%s', async (_name, text, fault) => {
    expect(await checkProof(text, known)).toEqual({ ok: false, fault });
  });

  test('another key', async () => {
    const stranger = [readVerifierKey(SUM_DB.verifierKey)!];
    expect(await checkProof(proof, stranger)).toEqual({ ok: false, fault: 'checkpoint' });
  });

  test('any bit that is another', async () => {
    const bytes = new TextEncoder().encode(proof);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length * 8 - 1 }), async (bit) => {
        const flipped = bytes.slice();
        flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
        expect((await checkProof(new TextDecoder().decode(flipped), known)).ok).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  test('anything, and nothing throws', async () => {
    const line = fc.constantFrom(...proof.split('\n'), '', 'index 1', 'extra', 'extra AAAA', 'AAAA', '\u0000');
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(line, { maxLength: 30 }).map((lines) => lines.join('\n')),
        ),
        async (text) => {
          expect((await checkProof(text, known)).ok).toBe(text === proof);
        },
      ),
      { numRuns: 500 },
    );
  });
});
