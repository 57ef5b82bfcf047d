import { expect, test, vi } from 'vitest';
import { createAudit } from '../../src/ledger/audit.ts';
import { EDITS, linesOf, randomOf, recordOf, rootsAt } from './tampering.ts';

// As the built package has it on Node; ten times as fast.
vi.mock('../../src/sha256.ts', () => import('../../middleware/sha256-node.ts'));

const EDITS_OF_EACH_KIND = 1_000;
const ENTRIES = 40;
/** What checkpoints vouch for; the last one for everything. */
const SIZES = [7, 8, 16, 29, ENTRIES];

const lines = linesOf(Array.from({ length: ENTRIES }, (_, n) => recordOf(n)));
const roots = rootsAt(lines, SIZES);

/** Lines as a reader of files meets them: what has no line feed at the end of the file is no line. */
function* linesIn(bytes: Uint8Array): Generator<Uint8Array | undefined> {
  let from = 0;
  for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
    yield bytes.subarray(from, end);
    from = end + 1;
  }
  if (from < bytes.length) yield undefined;
}

test('the ledger holds before anything is done to it', () => {
  const audit = createAudit(roots);
  for (const line of lines) expect(audit.add(line)).toBeDefined();
  expect(audit.end()).toBeUndefined();
  expect(audit.agreed).toBe(SIZES.length);
});

test.each(Object.entries(EDITS))('%s: a thousand edits, each found, the right entry named', (name, edit) => {
  const random = randomOf(Number(process.env.FC_SEED ?? 1) * 31 + name.length);
  for (let run = 0; run < EDITS_OF_EACH_KIND; run++) {
    const { bytes, named, what } = edit(lines, random, SIZES);
    const audit = createAudit(roots);
    let torn: number | undefined;
    for (const line of linesIn(bytes)) {
      if (line === undefined) torn = audit.isOver ? undefined : audit.at.tree.size;
      else audit.add(line);
    }
    const fault = audit.end();
    expect(fault, what).toBeDefined();
    const index = Math.min(fault!.index, torn ?? Number.POSITIVE_INFINITY);
    expect([what, index >= named[0] && index <= named[1], index]).toEqual([what, true, index]);
    // A range says where it ends too.
    if (fault?.reason === 'root') expect(fault.size).toBe(SIZES.find((size) => size > fault.index));
  }
});
