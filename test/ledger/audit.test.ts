import { describe, expect, test } from 'vitest';
import { type AuditFault, createAudit, type KnownRoot } from '../../src/ledger/audit.ts';
import { FIRST_PREV_HASH, sealEntry } from '../../src/ledger/entry.ts';
import { appendLeaf, EMPTY_TREE } from '../../src/ledger/merkle.ts';
import { entryLeaf } from '../../src/ledger/proof.ts';
import { entryHash, linesOf, recordOf, rootsAt } from './tampering.ts';

const lines = linesOf(Array.from({ length: 12 }, (_, n) => recordOf(n)));
const roots = rootsAt(lines, [0, 5, 10]);

function faultOf(given: readonly (string | Uint8Array)[], known: readonly KnownRoot[] = []): AuditFault | undefined {
  const audit = createAudit(known);
  for (const line of given) audit.add(line);
  return audit.end();
}

/** Entry 4 with other content and a hash of its own. */
const forged = sealEntry(recordOf(4, 'forged'), entryHash(lines[3]!)).line;

describe('a ledger that holds', () => {
  test('entries are given back, and the place is told', () => {
    const audit = createAudit(roots);
    expect(lines.map((line) => audit.add(line)?.decision_id)).toEqual(lines.map((_, n) => recordOf(n).decision_id));
    expect([audit.end(), audit.agreed, audit.isOver, audit.at.tree.size]).toEqual([undefined, 3, false, 12]);
    expect(audit.at.lastHash).toBe(entryHash(lines[11]!));
  });

  test('one without entries', () => {
    expect(faultOf([])).toBeUndefined();
    expect(faultOf([], roots.slice(0, 1))).toBeUndefined();
    expect(faultOf([], roots)).toEqual({ index: 0, reason: 'missing', size: 5 });
  });

  test('from its middle on', () => {
    const start = {
      lastHash: entryHash(lines[6]!),
      tree: lines
        .slice(0, 7)
        .map((line) => entryLeaf(entryHash(line)))
        .reduce(appendLeaf, EMPTY_TREE),
    };
    const audit = createAudit(roots, start);
    for (const line of lines.slice(7)) audit.add(line);
    expect([audit.end(), audit.agreed]).toEqual([undefined, 1]);
    const wrong = createAudit(roots, { ...start, tree: { ...start.tree, peaks: start.tree.peaks.toReversed() } });
    for (const line of lines.slice(7)) wrong.add(line);
    expect(wrong.end()).toEqual({ index: 7, reason: 'root', size: 10 });
  });
});

describe('without checkpoints', () => {
  test.each([
    ['another value', lines.with(4, lines[4]!.replace('allow', 'deny!')), { index: 4, reason: 'entry_hash' }],
    ['another text', lines.with(4, 'x'), { index: 4, reason: 'json' }],
    ['an entry less', lines.toSpliced(4, 1), { index: 4, reason: 'prev_hash' }],
    ['the first one less', lines.slice(1), { index: 0, reason: 'prev_hash' }],
    ['an entry more that follows', lines.toSpliced(4, 0, forged), { index: 4, reason: 'inserted' }],
    ['an entry more that does not', lines.toSpliced(4, 0, lines[9]!), { index: 4, reason: 'inserted' }],
    ['two in the wrong order', lines.with(4, lines[5]!).with(5, lines[4]!), { index: 4, reason: 'inserted' }],
    // The hash that entry 5 names is known to nobody: one was rewritten, or one between them is gone.
    ['an entry with another hash', lines.with(4, forged), { index: 5, reason: 'prev_hash' }],
    ['all but the beginning gone', lines.slice(0, 3), undefined],
    ['a break, and nothing behind it', [...lines.slice(0, 4), lines[5]!], { index: 4, reason: 'prev_hash' }],
    ['a break, and nonsense behind it', [...lines.slice(0, 4), lines[5]!, 'x'], { index: 4, reason: 'prev_hash' }],
  ] as const)('%s', (_name, given, fault) => {
    expect(faultOf(given)).toEqual(fault);
  });
});

describe('with checkpoints', () => {
  test.each([
    ['an entry less', lines.toSpliced(4, 1), { index: 4, reason: 'removed' }],
    ['the first one less', lines.slice(1), { index: 0, reason: 'removed' }],
    ['two less', lines.toSpliced(4, 2), { index: 4, reason: 'prev_hash' }],
    ['an entry with another hash', lines.with(4, forged), { index: 4, reason: 'rewritten' }],
    ['an entry more that follows', lines.toSpliced(4, 0, forged), { index: 4, reason: 'inserted' }],
    [
      'the same, and the ledger ends with what follows',
      [...lines.slice(0, 4), forged, lines[4]!],
      { index: 4, reason: 'inserted' },
    ],
    [
      'a rewritten entry, and the ledger ends with it',
      [...lines.slice(0, 4), forged],
      { index: 0, reason: 'root', size: 5 },
    ],
    ['all but the beginning gone', lines.slice(0, 7), { index: 7, reason: 'missing', size: 10 }],
    [
      'a rewritten entry that no checkpoint has yet',
      lines.with(10, sealEntry(recordOf(10, 'x'), entryHash(lines[9]!)).line),
      { index: 11, reason: 'prev_hash' },
    ],
  ] as const)('%s', (_name, given, fault) => {
    expect(faultOf(given, roots)).toEqual(fault);
  });

  test('everything rewritten from an entry on: the first checkpoint behind it finds it', () => {
    const rewritten = linesOf([
      ...Array.from({ length: 6 }, (_, n) => recordOf(n)),
      recordOf(6, 'forged'),
      recordOf(7),
      recordOf(8),
      recordOf(9),
    ]);
    expect(faultOf(rewritten, roots)).toEqual({ index: 5, reason: 'root', size: 10 });
  });

  test('two checkpoints of one size that say different things cannot both be right', () => {
    const other = rootsAt(linesOf([recordOf(1), ...Array.from({ length: 4 }, (_, n) => recordOf(n))]), [5]);
    expect(faultOf(lines, [roots[1]!, ...other])).toEqual({ index: 0, reason: 'root', size: 5 });
  });

  test('roots that are no roots fit nothing', () => {
    expect(faultOf(lines, [{ size: 5, root: new Uint8Array(0) }])).toEqual({ index: 0, reason: 'root', size: 5 });
  });
});

test('the verdict stays: what follows the fault is not looked at', () => {
  const audit = createAudit([]);
  audit.add('x');
  expect([audit.isOver, audit.add(lines[0]!), audit.end()]).toEqual([true, undefined, { index: 0, reason: 'json' }]);
});

test('bytes and text are the same', () => {
  expect(
    faultOf(
      lines.map((line) => new TextEncoder().encode(line)),
      roots,
    ),
  ).toBeUndefined();
  expect(createAudit([], { lastHash: FIRST_PREV_HASH, tree: EMPTY_TREE }).add(lines[1]!)).toBeUndefined();
});
