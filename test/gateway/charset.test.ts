import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startTestGateway } from '../helpers/gateway.ts';

const TEXT = '{"a":"bob@example.com"}';

/** UTF-16, big-endian, which a decoder for little-endian reads as something else. */
function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

test.each(['block', 'redact'])(
  'PII_SCAN_MODE=%s: personal data in a foreign charset is refused before the inbox',
  async (mode) => {
    const { submit, directory } = await startTestGateway({ PII_SCAN_MODE: mode });
    // What is found is refused as such; where nothing can be read, the content type is at fault.
    const requests: [string, Buffer, number?][] = [
      ['application/json; charset=utf-16', utf16be(TEXT)],
      ['application/json; charset=utf-16', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
      ['application/json; charset=utf-16le', Buffer.from(TEXT, 'utf16le')],
      ['application/json; x=";charset=utf-8"; charset=utf-7', Buffer.from(TEXT.replace('@', '+AEA-')), 415],
      ['application/json; charset=utf-8; charset=utf-7', Buffer.from(TEXT.replace('@', '+AEA-')), 415],
      ['application/json', utf16be(TEXT)],
    ];
    for (const [type, body, status = 400] of requests) {
      expect((await submit(body, { 'content-type': type })).status, type).toBe(status);
    }
    const files = await readdir(join(directory, 'wal'));
    const texts = await Promise.all(files.map((name) => readFile(join(directory, 'wal', name), 'latin1')));
    expect(texts.filter((text) => text.replaceAll('\0', '').includes('bob'))).toEqual([]);
  },
);
