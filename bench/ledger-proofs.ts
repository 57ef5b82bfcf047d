import process from 'node:process';
import { GATEWAY_GUARDS } from '../gateway/stages.ts';
import { createAudit } from '../src/ledger/audit.ts';
import { checkpointText, openCheckpoint } from '../src/ledger/checkpoint.ts';
import { checkEntry, FIRST_PREV_HASH, type SealedEntry, sealEntry } from '../src/ledger/entry.ts';
import { appendLeaf, EMPTY_TREE, nodeHash, rootOf } from '../src/ledger/merkle.ts';
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from '../src/ledger/merkle-proof.ts';
import { signNote } from '../src/ledger/note.ts';
import { readSignerKey, readVerifierKey, signerKey } from '../src/ledger/note-key.ts';
import { checkProof, entryLeaf, proofText } from '../src/ledger/proof.ts';
import type { LedgerRecord } from '../src/ledger/record.ts';
import { measure, type Subject, type Timing } from './measure.ts';
import { machine, writeResult } from './report.ts';

/** Proofs and verifications of a ledger. `node bench/.build/bench/ledger-proofs.js [--quick]`; `--quick` shows that it works. */
const quick = process.argv.includes('--quick');
const SIZE = 65_536;
/** Entries of the ledger whose proofs are made from its leaves: that takes a pass over all of them. */
const SMALL = 1_024;
const BASELINE = 'one hash of a node';

/** As large as that of a PCS, with the verdicts of all guards of the gateway. */
function recordOf(n: number): LedgerRecord {
  return {
    kind: 'decision',
    timestamp: new Date(n * 1_000).toISOString(),
    decision_id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    tenant: 'bench',
    outcome: 'allow',
    status: 200,
    would_be: { outcome: 'allow', status: 200, code: null },
    verdicts: GATEWAY_GUARDS.map((guard) => ({ guard, verdict: 'pass', stage: 'enforce', rules: [] })),
    body_digest: 'ab'.repeat(32),
    pcs_id: 'cd'.repeat(32),
    merkle_root: 'ef'.repeat(32),
    ...Object.fromEntries(['D_hat', 'coh_star', 'r', 'budget'].map((name) => [name, (n / 7).toFixed(9)])),
  };
}

let prev = FIRST_PREV_HASH;
const entries = Array.from({ length: SIZE }, (_, n): SealedEntry => {
  const entry = sealEntry(recordOf(n), prev);
  prev = entry.hash;
  return entry;
});
const leaves = entries.map(({ hash }) => entryLeaf(hash));
const root = rootOf(leaves.reduce(appendLeaf, EMPTY_TREE));
let grown = EMPTY_TREE;
const trees = leaves.slice(0, SMALL).map((leaf) => {
  grown = appendLeaf(grown, leaf);
  return grown;
});
const oldSize = 40_000;
const oldRoot = rootOf(leaves.slice(0, oldSize).reduce(appendLeaf, EMPTY_TREE));
const growth = consistencyProof(leaves, oldSize, SIZE);
const signer = (await readSignerKey(await signerKey('bench.test/ledger', new Uint8Array(32).fill(7))))!;
const verifiers = [readVerifierKey(signer.verifierKey)!];
const text = checkpointText({ origin: signer.name, size: SIZE, root, extensions: [] });
const checkpoint = await signNote(text, [signer]);
const INDEXES = [0, 1, 12_345, 40_000, SIZE - 1] as const;
const proven = INDEXES.map((index) => {
  const path = inclusionProof(leaves, index, SIZE);
  const { line } = entries[index]!;
  return { leaf: leaves[index]!, index, size: SIZE, path, root, file: proofText({ line, index, path, checkpoint }) };
});

function must(holds: boolean): void {
  if (!holds) throw new Error('what holds was refused');
}

const subject = <T>(name: string, prepare: (at: number) => T, run: (input: T) => unknown): Subject => ({
  name,
  prepare,
  run: (input) => run(input as T),
});
const one = (at: number): (typeof proven)[number] => proven[at % proven.length]!;
const entryAt = (at: number): number => (at * 7) % SIZE;
const auditing = createAudit([]);
let audited = 0;

const subjects: readonly Subject[] = [
  subject(BASELINE, entryAt, (at) => nodeHash(leaves[at]!, root)),
  subject(
    'seal an entry',
    (at) => recordOf(at),
    (record) => sealEntry(record, FIRST_PREV_HASH),
  ),
  subject('check an entry', entryAt, (at) => must(checkEntry(entries[at]!.line, undefined).ok)),
  subject(
    'append to the tree',
    (at) => trees[at % SMALL]!,
    (one) => appendLeaf(one, leaves[0]!),
  ),
  subject(
    'audit an entry: check, chain, tree',
    () => audited++,
    (at) => must(auditing.add(entries[at]!.line) !== undefined),
  ),
  subject(
    `make an inclusion proof from ${SMALL} leaves`,
    (at) => at % SMALL,
    (at) => inclusionProof(leaves, at, SMALL),
  ),
  subject('verify an inclusion proof', one, (claim) => must(verifyInclusion(claim))),
  subject('verify a consistency proof', one, () =>
    must(verifyConsistency({ oldSize, oldRoot, size: SIZE, root, path: growth })),
  ),
  subject(
    'sign a checkpoint',
    () => text,
    (body) => signNote(body, [signer]),
  ),
  subject(
    'open a checkpoint',
    () => checkpoint,
    async (note) => must((await openCheckpoint(note, verifiers)) !== undefined),
  ),
  subject('check a proof file', one, async ({ file }) => must((await checkProof(file, verifiers)).ok)),
];

const timings = await measure(subjects, { warmup: quick ? 50 : 1_000, samples: quick ? 50 : 5_000 });
const base = timings.get(BASELINE) as Timing;
const lines = [
  `Entries of ${entries[0]!.line.length} bytes, a ledger of ${SIZE} entries; microseconds, interleaved in one process, ${machine()}.`,
  '',
  '| what | p50 µs | p95 µs | p99 µs | a second, p50 | / one hash, p50 |',
  '| --- | ---: | ---: | ---: | ---: | ---: |',
];
for (const [name, { p50, p95, p99 }] of timings) {
  const times = [p50, p95, p99].map((ms) => (ms * 1_000).toFixed(1)).join(' | ');
  lines.push(`| ${name} | ${times} | ${Math.round(1_000 / p50)} | ${(p50 / base.p50).toFixed(1)} |`);
}
process.stdout.write(writeResult('ledger-proofs', `${lines.join('\n')}\n`));
