import { Buffer } from 'node:buffer';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { type Case, type Expected, echo, JSON_TYPE, one, refusal, TEXT_TYPE } from './case.ts';

/** The default cap, in bytes. */
const CAP = 1_048_576;
const MAIL = '{"text":"mail bob@example.com","n":1}';
const REDACTED = '{"text":"mail [REDACTED_EMAIL]","n":1}';
const BINARY = Buffer.from(Array.from({ length: 1_024 }, (_, at) => (at * 7 + (at >> 8)) & 0xff));
const BOMB = gzipSync(Buffer.alloc(20 * CAP));

const coded = (coding: string) => [TEXT_TYPE, ['Content-Encoding', coding] as const];
const tooLarge = refusal(413, 'PTC_D101', 'size');
const unreadable = refusal(400, 'PTC_D103', 'size');

/** What the two guards saw of the body: the same. */
const seen = (bytes: Uint8Array | string) => ({
  decision: { facts: { size: Buffer.byteLength(bytes), digest: (echo(bytes).json as { sha256: string }).sha256 } },
});

/** Sizes, framings and codings of bodies, in front of two guards that want the body. */
export function bodyCases(): Case[] {
  const path = '/bytes/x';
  const sized = [0, 1, 65_536, CAP - 1, CAP, CAP + 1].flatMap((size) => {
    const body = Buffer.alloc(size, 'abc');
    const answer = size > CAP ? tooLarge : echo(body);
    const more = size > CAP ? {} : seen(body);
    const ask = { path, body, headers: [TEXT_TYPE], withheld: size > CAP ? 1 : 0 };
    return [
      one(`${size} bytes with their length`, ask, answer, more),
      one(`${size} bytes in chunks`, { ...ask, chunks: [1, 10_000, 60_000] }, answer, more),
    ];
  });
  return [
    ...sized,
    one('no body at all', { path }, echo(''), seen('')),
    one(
      'far over the cap, in chunks',
      { path, body: Buffer.alloc(3 * CAP), chunks: [100_000], withheld: 20 },
      tooLarge,
    ),
    one('binary', { path, body: BINARY }, echo(BINARY), seen(BINARY)),
    one('binary, in chunks of one byte', { path, body: BINARY, chunks: [1] }, echo(BINARY), seen(BINARY)),
    one('without a content type', { path, body: 'plain' }, echo('plain', { headers: [null, '5', null, null] })),
    one('PUT', { path, method: 'PUT', body: 'put' }, echo('put', { method: 'PUT' }), seen('put')),
    one(
      'DELETE with a body',
      { path, method: 'DELETE', body: 'gone' },
      echo('gone', { method: 'DELETE' }),
      seen('gone'),
    ),
    one(
      'Expect: 100-continue',
      { path, body: 'go on', headers: [['Expect', '100-continue']] },
      echo('go on'),
      seen('go on'),
    ),
    ...codings(path),
    ...redactions(),
    ...shadows(),
  ].map((each) => ({ ...each, name: `body, ${each.name}` }));
}

function codings(path: string): Case[] {
  const text = 'plain text, compressed';
  const gzip = gzipSync(text);
  const whole = Buffer.alloc(CAP, 'x');
  const over = Buffer.alloc(CAP + 1, 'x');
  const bad = Buffer.from('no gzip at all');
  const ask = (name: string, coding: string, body: Uint8Array, answer: Expected, more: Partial<Case> = {}): Case =>
    one(name, { path, body, headers: coded(coding) }, answer, more);
  return [
    ask('gzip', 'gzip', gzip, echo(gzip), seen(text)),
    ask('X-GZIP', 'X-GZIP', gzip, echo(gzip), seen(text)),
    ask('deflate', 'deflate', deflateSync(text), echo(deflateSync(text)), seen(text)),
    ask('identity', 'identity', Buffer.from(text), echo(text), seen(text)),
    ask('brotli', 'br', brotliCompressSync(text), echo(brotliCompressSync(text)), seen(text)),
    ask('gzip of as much as the cap', 'gzip', gzipSync(whole), echo(gzipSync(whole)), seen(whole)),
    ask('gzip of more than the cap', 'gzip', gzipSync(over), tooLarge),
    ask('gzip bomb', 'gzip', BOMB, tooLarge),
    one('gzip bomb in chunks', { path, body: BOMB, headers: coded('gzip'), chunks: [1_000] }, tooLarge),
    ask('deflate bomb', 'deflate', deflateSync(Buffer.alloc(20 * CAP)), tooLarge),
    ask('nothing, said to be gzip', 'gzip', Buffer.alloc(0), echo(''), seen('')),
    ask('garbage said to be gzip', 'gzip', bad, unreadable),
    ask('gzip that is cut off', 'gzip', gzip.subarray(0, gzip.length - 3), unreadable),
    ask('gzip with a wrong checksum', 'gzip', Buffer.concat([gzip.subarray(0, -8), Buffer.alloc(8)]), unreadable),
    ask('deflate without its frame', 'deflate', deflateRawSync(text), unreadable),
    ask(
      'gzip of two members',
      'gzip',
      Buffer.concat([gzip, gzip]),
      echo(Buffer.concat([gzip, gzip])),
      seen(text + text),
    ),
    ask(
      'gzip with zeros behind it',
      'gzip',
      Buffer.concat([gzip, Buffer.alloc(8)]),
      echo(Buffer.concat([gzip, Buffer.alloc(8)])),
      seen(text),
    ),
    ask('gzip with something behind it', 'gzip', Buffer.concat([gzip, bad]), unreadable),
    ask('two codings', 'gzip, gzip', gzipSync(gzip), refusal(415, 'PTC_D102', 'size')),
    ask('a coding of nobody', 'constructor', gzip, refusal(415, 'PTC_D102', 'size')),
  ];
}

function redactions(): Case[] {
  const path = '/text/x';
  const headers = [JSON_TYPE];
  const gone = { headers: ['application/json', String(REDACTED.length), null, null] };
  const emoji = '{"t":"\u{1f600}\u00e9 bob@example.com \u{1f600}"}';
  const blackened = emoji.replace('bob@example.com', '[REDACTED_EMAIL]');
  const parsed = { status: 200, json: { value: JSON.parse(REDACTED) as object, decision: ['decision-1', 'allow'] } };
  const ask = { path, body: MAIL, headers };
  return [
    one('redacted', ask, echo(REDACTED, gone), seen(MAIL)),
    one('redacted, in chunks', { ...ask, chunks: [5] }, echo(REDACTED, gone), seen(MAIL)),
    one('redacted, slowly', { ...ask, chunks: [9], pauseMs: 5 }, echo(REDACTED, gone), seen(MAIL)),
    one(
      'redacted, gzip',
      { path, body: gzipSync(MAIL), headers: [JSON_TYPE, ['Content-Encoding', 'gzip']] },
      echo(REDACTED, gone),
      seen(MAIL),
    ),
    one('redacted beside astral characters', { path, body: emoji, headers }, echo(blackened), seen(emoji)),
    one(
      'redacted form',
      { path, body: 'a=bob%40example.com&b=1', headers: [['Content-Type', 'application/x-www-form-urlencoded']] },
      { status: 200, json: { start: 'a=[REDACTED_EMAIL]&b=1' } },
    ),
    one('nothing to redact', { path, body: '{"n":1}', headers }, echo('{"n":1}'), seen('{"n":1}')),
    one(
      'read by the framework’s parser',
      { path: '/parsed', body: '{"n":[1]}', headers },
      { status: 200, json: { value: { n: [1] } } },
    ),
    one('redacted, read by the framework’s parser', { path: '/parsed', body: MAIL, headers }, parsed),
    one(
      'redacted, gzip, read by the framework’s parser',
      { path: '/parsed', body: gzipSync(MAIL), headers: [JSON_TYPE, ['Content-Encoding', 'gzip']] },
      parsed,
    ),
  ];
}

/** With every guard report-only, the application gets what the client sent. */
function shadows(): Case[] {
  const path = '/shadow/x';
  const wouldBe = (code: string) => ({ decision: { outcome: 'allow', patches: [], wouldBe: { code } } });
  const big = Buffer.alloc(CAP + 1, 'abcdefg');
  return [
    one('reported only', { path, body: MAIL, headers: [JSON_TYPE] }, echo(MAIL), wouldBe('PTC_D201')),
    one('reported only, over the cap', { path, body: big, headers: [TEXT_TYPE] }, echo(big), wouldBe('PTC_D101')),
    one(
      'reported only, over the cap in chunks',
      { path, body: big, headers: [TEXT_TYPE], chunks: [70_000] },
      echo(big),
      wouldBe('PTC_D101'),
    ),
    one('reported only, gzip bomb', { path, body: BOMB, headers: coded('gzip') }, echo(BOMB), wouldBe('PTC_D101')),
    one(
      'reported only, garbage said to be gzip',
      { path, body: 'xx', headers: coded('gzip') },
      echo('xx'),
      wouldBe('PTC_D103'),
    ),
    one('reported only, unknown coding', { path, body: 'xx', headers: coded('zstd') }, echo('xx'), wouldBe('PTC_D102')),
    one(
      'reported only, unknown coding in chunks',
      { path, body: 'xxyy', headers: coded('zstd'), chunks: [1] },
      echo('xxyy'),
      wouldBe('PTC_D102'),
    ),
  ];
}
