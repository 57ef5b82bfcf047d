import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkEntry, FIRST_PREV_HASH, MAX_ENTRY_BYTES, sealEntry } from '../../src/ledger/entry.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { jqHashes } from '../helpers/jq.ts';

const PREV = 'ab'.repeat(32);
const record = (fields: Record<string, unknown>): LedgerRecord => fields as unknown as LedgerRecord;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Text with everything that writers of JSON treat differently. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('\u007f', '\ud800', '\udfff', '😀', '\u0000', '\u001f', '\u2028', '/', '\\', '"'),
  }),
  fc.string({ unit: 'grapheme' }),
);
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(-0, 1e-7, 1e-5, 1e16, 1e17, 1e21, 0.1, 5e-324, 1.7976931348623157e308, 0.30000000000000004),
);
const name = text.filter((one) => !/[\u007f\p{Cs}]/u.test(one));
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(name, tie('any'), { maxKeys: 4 }),
  ),
})).any;
const anyRecord = fc.dictionary(name, value, { maxKeys: 12 }).map(record);

describe('sealEntry', () => {
  test('jq and sha256sum give the entry_hash of any record', () => {
    const records = fc.sample(anyRecord, { numRuns: 2_000, seed: Number(process.env.FC_SEED ?? 1) });
    const entries = records.map((one) => sealEntry(one, PREV));
    expect(jqHashes(entries.map(({ line }) => line))).toEqual(entries.map(({ hash }) => hash));
    for (const [at, { line, hash }] of entries.entries()) {
      expect(checkEntry(line, PREV), JSON.stringify(records[at])).toMatchObject({
        ok: true,
        entry: { entry_hash: hash },
      });
    }
  });

  test('the pipe of the documentation, as it stands there', () => {
    const { line, hash } = sealEntry(record({ shard_id: 'ø/1', tenth: 0.1, tiny: 1e-7 }), FIRST_PREV_HASH);
    const out = execFileSync('bash', ['-o', 'pipefail', '-c', "jq -c 'del(.entry_hash)' | sha256sum"], { input: line });
    expect(out.toString().split(' ')[0]).toBe(hash);
  });

  test('an entry is the record, the hash before, and its own', () => {
    const open = `{"kind":"admin","n":1,"prev_hash":"${PREV}"`;
    const hash = sha256(`${open}}\n`);
    expect(sealEntry(record({ kind: 'admin', n: 1 }), PREV)).toEqual({ line: `${open},"entry_hash":"${hash}"}`, hash });
    expect(sealEntry(record({}), PREV).line).toMatch(/^\{"prev_hash":"/);
  });

  test('the two hashes are not the record’s to give', () => {
    const forged = record({ entry_hash: 'x', a: 1, prev_hash: 'y' });
    expect(sealEntry(forged, PREV)).toEqual(sealEntry(record({ a: 1 }), PREV));
  });

  test('size is bounded to the byte, for both', () => {
    const room = MAX_ENTRY_BYTES - sealEntry(record({ a: '' }), PREV).line.length;
    const { line, hash } = sealEntry(record({ a: 'x'.repeat(room) }), PREV);
    expect(line.length).toBe(MAX_ENTRY_BYTES);
    expect(checkEntry(line, PREV)).toMatchObject({ ok: true, entry: { entry_hash: hash } });
    expect(() => sealEntry(record({ a: 'x'.repeat(room + 1) }), PREV)).toThrow(RangeError);
    expect(checkEntry(`${line} `, PREV)).toEqual({ ok: false, fault: 'size' });
  });
});

describe('checkEntry', () => {
  const { line } = sealEntry(record({ kind: 'decision', n: 7, text: 'ü\ufffd', list: [1] }), PREV);
  /** A line that says what it wants, with the hash that its own bytes have. */
  const sealedAsIs = (open: string): string => `${open},"entry_hash":"${sha256(`${open}}\n`)}"}`;
  const tail = `"prev_hash":"${PREV}"`;

  test.each([
    ['nothing', '', 'json'],
    ['a list', '[]', 'json'],
    ['null', 'null', 'json'],
    ['a cut line', line.slice(0, -1), 'json'],
    ['two lines in one', `${line}${line}`, 'json'],
    ['brackets without end', '['.repeat(500_000), 'json'],
    ['no hashes', '{"a":1}', 'form'],
    ['hashes in capitals', line.replaceAll(/[0-9a-f]{64}/g, (hex) => hex.toUpperCase()), 'form'],
    ['a line feed at its end', `${line}\n`, 'form'],
    ['a blank inside', sealedAsIs(`{"a": 1,${tail}`), 'form'],
    ['a member twice', sealedAsIs(`{"a":1,"a":1,${tail}`), 'form'],
    ['a fraction', sealedAsIs(`{"a":0.5,${tail}`), 'form'],
    ['an exponent', sealedAsIs(`{"a":1e2,${tail}`), 'form'],
    ['minus zero', sealedAsIs(`{"a":-0,${tail}`), 'form'],
    ['a number beyond safe integers', sealedAsIs(`{"a":9007199254740993,${tail}`), 'form'],
    ['a needless escape', sealedAsIs(`{"a":"\\u0041",${tail}`), 'form'],
    ['half a pair', sealedAsIs(`{"a":"\\ud800",${tail}`), 'form'],
    ['DEL', sealedAsIs(`{"a":"\u007f",${tail}`), 'form'],
    ['seventeen levels', sealedAsIs(`{"a":${'['.repeat(16)}${']'.repeat(16)},${tail}`), 'form'],
    ['another value', line.replace('"n":7', '"n":8'), 'entry_hash'],
    ['another prev_hash', line.replace(PREV, 'cd'.repeat(32)), 'entry_hash'],
    [
      'another entry_hash',
      line.replace(/.{3}$/, (end) => `${end.startsWith('0') ? '1' : '0'}${end.slice(1)}`),
      'entry_hash',
    ],
    ['another place in the chain', sealEntry(record({}), 'cd'.repeat(32)).line, 'prev_hash'],
  ])('%s', (_name, bad, fault) => {
    expect(checkEntry(bad, PREV)).toEqual({ ok: false, fault });
    expect(checkEntry(utf8(bad), PREV)).toEqual({ ok: false, fault });
  });

  test('bytes that are not UTF-8 do not pass for the character that decoders put there', () => {
    const bytes = utf8(line);
    const at = bytes.findIndex((byte, i) => byte === 0xef && bytes[i + 1] === 0xbf && bytes[i + 2] === 0xbd);
    const torn = Uint8Array.from([...bytes.subarray(0, at), 0xff, ...bytes.subarray(at + 3)]);
    expect(new TextDecoder().decode(torn)).toBe(line);
    expect(checkEntry(bytes, PREV).ok).toBe(true);
    expect(checkEntry(torn, PREV)).toEqual({ ok: false, fault: 'json' });
  });

  test('the chain is not asked about where nobody knows it', () => {
    expect(checkEntry(line, undefined).ok).toBe(true);
  });

  test('no bit of a line can be another', () => {
    const bytes = utf8(line);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
      expect(checkEntry(flipped, PREV).ok, `bit ${bit}`).toBe(false);
    }
  });

  test('anything is taken and nothing throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 300 }), fc.json()), (bad) => {
        expect(checkEntry(bad, PREV).ok).toBe(false);
      }),
    );
  });
});
