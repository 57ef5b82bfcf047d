import { expect, test } from 'vitest';
import { checkpointText, openCheckpoint, parseCheckpoint } from '../../src/ledger/checkpoint.ts';
import { readVerifierKey } from '../../src/ledger/note-key.ts';
import { SUM_DB } from './notes.ts';

/** The text that the specification shows (c2sp.org/tlog-checkpoint). */
const SPEC = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';

test('the example of the specification is read, and written the same', () => {
  const checkpoint = parseCheckpoint(SPEC);
  expect(checkpoint).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20_852_163, extensions: [] });
  expect(Buffer.from(checkpoint!.root).toString('base64')).toBe('CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=');
  expect(checkpointText(checkpoint!)).toBe(SPEC);
});

test('checkpoints of Go’s checksum database', async () => {
  const key = readVerifierKey(SUM_DB.verifierKey)!;
  for (const { note, size, root } of [SUM_DB.small, SUM_DB.cosigned]) {
    const checkpoint = await openCheckpoint(note, [key]);
    expect(checkpoint).toMatchObject({ origin: 'go.sum database tree', size });
    expect(Buffer.from(checkpoint!.root).toString('base64')).toBe(root);
    expect(await openCheckpoint(note.replace(String(size), String(size + 1)), [key])).toBeUndefined();
  }
});

test('further lines are kept', () => {
  const text = `${SPEC}one\ntwo\n`;
  expect(parseCheckpoint(text)?.extensions).toEqual(['one', 'two']);
  expect(checkpointText(parseCheckpoint(text)!)).toBe(text);
});

test.each([
  ['nothing', ''],
  ['no line feed at the end', SPEC.slice(0, -1)],
  ['two lines', SPEC.split('\n').slice(0, 2).join('\n')],
  ['an empty origin', SPEC.replace('example.com/behind-the-sofa', '')],
  ['an empty further line', `${SPEC}\n`],
  ['a leading zero', SPEC.replace('20852163', '020852163')],
  ['a sign', SPEC.replace('20852163', '+20852163')],
  ['a size that no double has', SPEC.replace('20852163', '9007199254740993')],
  ['a size of thousands of digits', SPEC.replace('20852163', '9'.repeat(5_000))],
  ['hexadecimal', SPEC.replace('20852163', '0x10')],
  ['a root of 31 bytes', SPEC.replace(/C.*=\n$/, `${Buffer.alloc(31).toString('base64')}\n`)],
  ['a root without padding', SPEC.replace('=\n', '\n')],
])('%s is no checkpoint', (_name, text) => {
  expect(parseCheckpoint(text)).toBeUndefined();
});

test('an empty ledger has one', () => {
  expect(parseCheckpoint('a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n')?.size).toBe(0);
});
