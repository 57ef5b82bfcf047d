import { createHash, createPrivateKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openNote, parseNote, signNote } from '../../src/ledger/note.ts';
import {
  type NoteSigner,
  type NoteVerifier,
  readSignerKey,
  readVerifierKey,
  signerKey,
} from '../../src/ledger/note-key.ts';
import { GO_NOTE, SPEC_NOTE, SUM_DB } from './notes.ts';

const verifier = (text: string): NoteVerifier => {
  const read = readVerifierKey(text);
  if (read === undefined) throw new Error('not a verifier key');
  return read;
};
async function signer(name: string, seed = 7): Promise<NoteSigner> {
  const read = await readSignerKey(await signerKey(name, new Uint8Array(32).fill(seed)));
  if (read === undefined) throw new Error('not a signer key');
  return read;
}
const SIGNATURE = GO_NOTE.note.slice(GO_NOTE.text.length + 1);

describe('published notes', () => {
  test('Go’s example is signed as it stands there, and opens', async () => {
    const peter = await readSignerKey(GO_NOTE.signerKey);
    expect(peter?.verifierKey).toBe(GO_NOTE.verifierKey);
    expect(await signNote(GO_NOTE.text, [peter!])).toBe(GO_NOTE.note);
    expect(await openNote(GO_NOTE.note, [verifier(GO_NOTE.verifierKey)])).toBe(GO_NOTE.text);
  });

  test('a key is written as Go writes it', async () => {
    const seed = Buffer.from(GO_NOTE.signerKey.slice(-44), 'base64').subarray(1);
    expect(await signerKey('PeterNeumann', seed)).toBe(GO_NOTE.signerKey);
    expect((await readSignerKey(`${GO_NOTE.signerKey}\n`))?.name).toBe('PeterNeumann');
  });

  test('checkpoints of Go’s checksum database open; a witness that is not known is not asked', async () => {
    for (const { note, size } of [SUM_DB.small, SUM_DB.cosigned]) {
      const text = await openNote(note, [verifier(SUM_DB.verifierKey)]);
      expect(text?.split('\n')[1]).toBe(String(size));
    }
  });

  test('the note of the specification: its text has an empty line, and UTF-8', () => {
    expect(parseNote(SPEC_NOTE)).toMatchObject({
      text: 'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n',
      signatures: [{ name: 'quasimodo.example/salvatore', keyId: '367ba04b' }],
    });
  });
});

describe('as another implementation of Ed25519 has it', () => {
  test('node:crypto verifies what is signed here, and the other way round', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
    const id = createHash('sha256')
      .update('log.example\n')
      .update(Uint8Array.of(1))
      .update(raw)
      .digest()
      .subarray(0, 4);
    const key = `log.example+${id.toString('hex')}+${Buffer.concat([Uint8Array.of(1), raw]).toString('base64')}`;
    const text = 'text\n';
    const line = Buffer.concat([id, sign(null, Buffer.from(text), privateKey)]).toString('base64');
    expect(await openNote(`${text}\n— log.example ${line}\n`, [verifier(key)])).toBe(text);

    const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
    const own = await readSignerKey(await signerKey('log.example', seed));
    expect(own?.verifierKey).toBe(key);
    const signed = parseNote(await signNote(text, [own!]))?.signatures[0]?.signature ?? new Uint8Array(0);
    expect(
      verify(null, Buffer.from(text), createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })), signed),
    ).toBe(true);
  });
});

describe('whose signature counts', () => {
  test('nobody’s, where no key is known', async () => {
    expect(await openNote(GO_NOTE.note, [])).toBeUndefined();
    expect(await openNote(GO_NOTE.note, [verifier(SUM_DB.verifierKey)])).toBeUndefined();
  });

  test('one known key is enough, another that is known must not be wrong', async () => {
    const [a, b, stranger] = await Promise.all([signer('a', 1), signer('b', 2), signer('c', 3)]);
    const note = await signNote('text\n', [a!, b!, stranger!]);
    const keys = [verifier(a!.verifierKey), verifier(b!.verifierKey)];
    expect(await openNote(note, keys)).toBe('text\n');
    expect(await openNote(note, keys.slice(0, 1))).toBe('text\n');
    const other = await signNote('other\n', [b!, stranger!]);
    const mixed = `${await signNote('text\n', [a!])}${other.slice('other\n\n'.length)}`;
    expect(await openNote(mixed, keys)).toBeUndefined();
    expect(await openNote(mixed, keys.slice(0, 1))).toBe('text\n');
  });

  test('the same name with another key is another', async () => {
    const [real, forged] = await Promise.all([signer('log', 1), signer('log', 2)]);
    expect(await openNote(await signNote('text\n', [forged!]), [verifier(real!.verifierKey)])).toBeUndefined();
  });
});

describe('what is no note', () => {
  const many = (count: number): string => `text\n\n${SIGNATURE.repeat(count)}`;

  test.each([
    ['nothing', ''],
    ['no signatures', 'text\n'],
    ['an empty line only', 'text\n\n'],
    ['no empty line', `text\n${SIGNATURE}`],
    ['no line feed at the end', GO_NOTE.note.slice(0, -1)],
    ['an empty line at the end', `${GO_NOTE.note}\n`],
    ['carriage returns', GO_NOTE.note.replaceAll('\n', '\r\n')],
    ['a tab in the text', GO_NOTE.note.replace('answer', 'ans\twer')],
    ['NUL in the text', GO_NOTE.note.replace('answer', 'ans\0wer')],
    ['half a pair in the text', GO_NOTE.note.replace('answer', 'ans\ud800wer')],
    ['a hyphen for the dash', GO_NOTE.note.replace('—', '-')],
    ['two blanks', GO_NOTE.note.replace('— ', '—  ')],
    ['a blank at the end of a line', GO_NOTE.note.replace(/\n$/, ' \n')],
    ['a plus sign in the name', GO_NOTE.note.replace('PeterNeumann', 'Peter+Neumann')],
    ['a blank of another kind in the name', GO_NOTE.note.replace('PeterNeumann', 'Peter\u2003Neumann')],
    ['base64 without padding', GO_NOTE.note.replace('=\n', '\n')],
    ['base64 for the web', GO_NOTE.note.replace('x08go/', 'x08go_')],
    ['four bytes only', 'text\n\n— name AAAAAA==\n'],
    ['another line among the signatures', `${GO_NOTE.note}text\n`],
    ['a hundred and one signatures', many(101)],
    ['a megabyte and more', `${'x'.repeat(1_000_000)}\n\n${SIGNATURE}`],
  ])('%s', async (_name, note) => {
    expect(parseNote(note)).toBeUndefined();
    expect(await openNote(note, [verifier(GO_NOTE.verifierKey)])).toBeUndefined();
  });

  test('a hundred signatures are one', () => {
    expect(parseNote(many(100))?.signatures.length).toBe(100);
  });

  test('no bit of a signed note can be another', async () => {
    const bytes = new TextEncoder().encode(GO_NOTE.note);
    const known = [verifier(GO_NOTE.verifierKey)];
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
      expect(
        await openNote(new TextDecoder('utf-8', { ignoreBOM: true }).decode(flipped), known),
        `bit ${bit}`,
      ).toBeUndefined();
    }
  });

  test('anything is taken and nothing throws', async () => {
    const line = fc.constantFrom('', 'text', SIGNATURE.trimEnd(), '— a', '— a b', '—  x', '— a AAAA\u0000', '\ud800');
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(line).map((lines) => lines.join('\n')),
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (note) => {
        const text = await openNote(note, [verifier(GO_NOTE.verifierKey)]);
        expect(text).toBeUndefined();
        expect(readVerifierKey(note)).toBeUndefined();
        expect(await readSignerKey(note)).toBeUndefined();
        expect(await readSignerKey(`PRIVATE+KEY+${note}`)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});

describe('what cannot be signed', () => {
  test.each(['', 'text', 'te\rxt\n', 'te\u0000xt\n', '\ud800\n'])('text %j', async (text) => {
    await expect(signNote(text, [await signer('a')])).rejects.toThrow(RangeError);
  });

  test('a text without anybody to sign it', async () => {
    await expect(signNote('text\n', [])).rejects.toThrow(RangeError);
  });

  test.each(['', 'a b', 'a+b', 'a\u00a0b', 'a\nb', '\ud800'])('with the name %j', async (name) => {
    await expect(signerKey(name, new Uint8Array(32))).rejects.toThrow(RangeError);
  });

  test('with a seed of another length', async () => {
    await expect(signerKey('a', new Uint8Array(31))).rejects.toThrow(RangeError);
  });
});

describe('keys', () => {
  test('the id is the first half-word of the hash that the specification names', () => {
    // The example of the specification: name, public key and id.
    const raw = Buffer.from('e932791ae6e7a840a46164c904786426d5e7821dd8b29a00d61cae72afdd4da4', 'hex');
    const key = Buffer.concat([Uint8Array.of(1), raw]).toString('base64');
    expect(readVerifierKey(`example.com/foo+530d903a+${key}`)).toMatchObject({
      name: 'example.com/foo',
      keyId: '530d903a',
    });
    expect(readVerifierKey(`example.com/bar+530d903a+${key}`)).toBeUndefined();
  });

  test.each([
    ['another id', GO_NOTE.verifierKey.replace('c74f20a3', 'c74f20a4')],
    ['an id in capitals', GO_NOTE.verifierKey.replace('c74f20a3', 'C74F20A3')],
    ['another algorithm', GO_NOTE.verifierKey.replace('+AR', '+AS')],
    ['a key that is cut', GO_NOTE.verifierKey.slice(0, -4)],
    ['a signer key', GO_NOTE.signerKey],
    ['no name', GO_NOTE.verifierKey.slice('PeterNeumann'.length)],
    ['a kilobyte and more', `${'x'.repeat(1_000)}${GO_NOTE.verifierKey}`],
  ])('%s is no verifier key', (_name, text) => {
    expect(readVerifierKey(text)).toBeUndefined();
  });

  test.each([
    ['a verifier key', GO_NOTE.verifierKey],
    ['another seed', GO_NOTE.signerKey.replace(/z$/, '0')],
    ['another id', GO_NOTE.signerKey.replace('c74f20a3', 'c74f20a4')],
  ])('%s is no signer key', async (_name, text) => {
    expect(await readSignerKey(text)).toBeUndefined();
  });
});
