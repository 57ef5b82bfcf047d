import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { multipartTexts } from '../../../src/guards/pii/multipart.ts';
import { pii } from '../../../src/pii.ts';
import { buildExchange } from '../../../src/testing.ts';

const TYPE = 'multipart/form-data; boundary=XX';
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff, 0xfe, 0x34, 0x31]);
const CARD_IN_BYTES = Buffer.concat([PNG, Buffer.from(' 4111 1111 1111 1111 '), PNG]);

function body(...parts: readonly (readonly [header: string, content: string | Buffer])[]): Buffer {
  const chunks = parts.flatMap(([header, content]) => [
    Buffer.from(`--XX\r\n${header}\r\n\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...chunks, Buffer.from('--XX--\r\n')]);
}

const FILE = 'Content-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png';
const FIELD = 'Content-Disposition: form-data; name="note"';

async function kindOf(bytes: Buffer, mode: 'block' | 'redact' | 'detect', type = TYPE): Promise<string> {
  const exchange = buildExchange({ body: bytes, headers: { 'content-type': type } });
  await exchange.loadBody();
  const context = { tenant: undefined, now: 0, decisionId: 'd', facts: {}, currentBody: () => bytes };
  return (await pii({ mode }).inspect(exchange, context)).kind;
}

describe('multipart bodies', () => {
  test('of text only are scanned and redacted as the text they are', async () => {
    expect(await kindOf(body([FIELD, 'mail jane@example.org']), 'redact')).toBe('redact');
    expect(await kindOf(body([FIELD, 'nothing']), 'block')).toBe('pass');
  });

  test('with a picture: text parts are scanned, and refuse in redact too; the picture is not', async () => {
    const note = body([FILE, PNG], [FIELD, 'mail jane@example.org']);
    expect(await kindOf(note, 'block')).toBe('deny');
    expect(await kindOf(note, 'redact')).toBe('deny');
    expect(await kindOf(note, 'detect')).toBe('flag');
    expect(await kindOf(body([FILE, CARD_IN_BYTES], [FIELD, 'nothing']), 'block')).toBe('pass');
  });

  test('the header of a picture is scanned; escapes in a text part are decoded', async () => {
    expect(await kindOf(body([FILE.replace('a.png', 'jane@example.org.png'), PNG]), 'block')).toBe('deny');
    expect(await kindOf(body([FILE, PNG], [FIELD, '{"a":"jane\\u0040example.org"}']), 'block')).toBe('deny');
  });

  test('a byte that is no UTF-8 hides no text, nor does a boundary that never comes', async () => {
    for (const dirt of [Buffer.from([0xff]), Buffer.from([0])]) {
      const note = Buffer.concat([Buffer.from('jane@example.org '), dirt]);
      expect(await kindOf(body([FIELD, note]), 'block')).toBe('deny');
      for (const type of ['multipart/form-data; boundary=ZZZ', 'multipart/related; boundary=ZZZ'])
        expect(await kindOf(note, 'redact', type)).toBe('deny');
    }
  });

  test('a part in UTF-16 hides nothing', async () => {
    for (const swap of [false, true]) {
      const text = Buffer.from('mail jane@example.org', 'utf16le');
      expect(await kindOf(body([FIELD, swap ? text.swap16() : text]), 'block')).toBe('deny');
    }
  });

  test('a part that says it is a picture but is text is scanned', async () => {
    expect(await kindOf(body([FILE, PNG], [FILE, 'mail jane@example.org']), 'block')).toBe('deny');
  });

  test.each([
    ['a parameter inside a name', 'Content-Disposition: form-data; name="a;filename"\r\nContent-Type: image/png'],
    ['in another field', 'Content-Disposition: form-data; name="a"\r\nX: ;filename content-type:image/png'],
    ['another type as well', `${FILE}\r\nX-Content-Type: text/plain\r\nContent-Type: text/plain`],
    [
      'the type in a field of another name',
      `${FILE.replace('Content-Type', 'X-Content-Type')}\r\nContent-Type: text/plain`,
    ],
    ['a folded line', `${FILE}\r\n folded: yes`],
    ['a bare line feed', FILE.replace('\r\n', '\n')],
    ['a parameter twice', FILE.replace('; filename', '; name="b"; filename')],
    ['an escaped quote', FILE.replace('a.png', 'a\\"; filename=\\"b.png')],
  ])('what may be a text field is scanned: %s', async (_name, header) => {
    const dirty = Buffer.concat([Buffer.from('jane@example.org '), Buffer.from([0xff])]);
    expect(await kindOf(body([header, dirty]), 'block')).toBe('deny');
  });

  test('without a boundary that holds, everything is scanned as text', async () => {
    for (const type of [
      'multipart/form-data',
      'multipart/form-data; boundary=""',
      `multipart/mixed; boundary=${'x'.repeat(71)}`,
    ]) {
      expect(await kindOf(body([FILE, CARD_IN_BYTES]), 'block', type)).toBe('deny');
    }
  });
});

test('every byte that is part of a text is in one of the texts', () => {
  const part = fc.oneof(fc.string(), fc.constantFrom('--XX', '\r\n\r\n', 'a@b.co', '\0', 'é', '-', '--'));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const bytes = Buffer.from(parts.join(''));
      const texts = [...(multipartTexts(bytes, TYPE) ?? [])];
      if (!bytes.includes(0)) expect(texts.join('--XX')).toBe(bytes.toString());
      expect(texts.length).toBeGreaterThanOrEqual(bytes.toString('latin1').split('--XX').length);
    }),
  );
});
