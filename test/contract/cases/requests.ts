import { Buffer } from 'node:buffer';
import { CLIENT_ADDRESS, type RequestParts, request } from '../client.ts';
import { type Case, type Expected, echo, JSON_TYPE, one, refusal } from './case.ts';

/** Facts of what the guards were shown. */
const shown = (facts: object): Partial<Case> => ({ decision: { facts: { seen: facts } } });

/** What guards are shown of a request, and what becomes of each kind of verdict. */
export function requestCases(): Case[] {
  return [...heads(), ...targets(), ...bytesOfHeaders(), ...verdicts(), ...addresses(), ...memories(), ...broken()];
}

function heads(): Case[] {
  const get = (name: string, path: string, seen: object, more: RequestParts = {}): Case =>
    one(`head, ${name}`, { method: 'GET', path, ...more }, echo('', { method: more.method ?? 'GET' }), shown(seen));
  const note = (name: string, values: readonly string[], value: string | null): Case => {
    const headers = values.map((each) => ['X-Note', each] as const);
    return get(name, '/head', { headers: { note: value } }, { headers });
  };
  return [
    get('a query', '/head/a?b=1&c=%20+d', { method: 'GET', path: '/head/a', query: 'b=1&c=%20+d' }),
    get('an empty query', '/head?', { path: '/head', query: '' }),
    get('two question marks', '/head?a?b', { path: '/head', query: 'a?b' }),
    get('percent-encoding is kept', '/head/%61%2F%20%E2%82%AC', { path: '/head/%61%2F%20%E2%82%AC' }),
    get('a double slash', '/head//x', { path: '/head//x' }),
    get('letter case is kept', '/head/AbC', { path: '/head/AbC' }),
    get('absolute form', 'http://h.example/head/abs?q=1', { path: '/head/abs', query: 'q=1' }),
    get('OPTIONS', '/head/o', { method: 'OPTIONS', path: '/head/o' }, { method: 'OPTIONS' }),
    note('a header', ['one'], 'one'),
    note('a header twice', ['one', 'two'], 'one, two'),
    note('a header with spaces around it', ['  padded\t '], 'padded'),
    note('an empty header', [''], ''),
    note('no header', [], null),
    one(
      'head, HEAD',
      { method: 'HEAD', path: '/head' },
      { status: 200, body: '' },
      { ...shown({ method: 'HEAD' }), reached: 1 },
    ),
    one(
      'head, HEAD refused',
      { method: 'HEAD', path: '/refused' },
      { status: 400, body: '' },
      shown({ method: 'HEAD' }),
    ),
    get('__proto__', '/head', { headers: { proto: null } }, { headers: [['__proto__', '7']] }),
  ];
}

/** Targets that some servers resolve and others leave: guards see what is routed. */
function targets(): Case[] {
  const get = (name: string, path: string, seen: string): Case => ({
    ...one(`target, ${name}`, { method: 'GET', path }, echo('', { method: 'GET' })),
    ...shown({ path: seen }),
  });
  return [
    get('dot segments', '/head/x/../y/./z', '/head/x/../y/./z'),
    get('dot segments that lead elsewhere', '/head/../bytes/x', '/head/../bytes/x'),
    get('encoded dot segments', '/head/%2e%2E/bytes', '/head/%2e%2E/bytes'),
    get('characters that are no part of a URL', '/head/"<>', '/head/"<>'),
    get('a fragment', '/head/a?b#c', '/head/a'),
  ];
}

/** Bytes beyond ASCII in a header, a body under GET, and a parser before the gate. */
function bytesOfHeaders(): Case[] {
  const note = (name: string, encoding: 'latin1' | 'utf8', value: string): Case => {
    const head = request({ method: 'GET', path: '/head', headers: [['X-Note', 'caf\u00e9']] })[0] as string;
    const sends = [{ parts: [Buffer.from(head, encoding)] }];
    return {
      name: `head, ${name}`,
      sends,
      answers: [echo('', { method: 'GET' })],
      ...shown({ headers: { note: value } }),
    };
  };
  const mail = 'mail bob@example.com';
  const get = { method: 'GET', path: '/text/x', body: mail, headers: [['Content-Type', 'text/plain'] as const] };
  const json = { body: '{"text":"bob@example.com"}', headers: [JSON_TYPE] };
  return [
    note('Latin-1', 'latin1', 'caf\u00e9'),
    note('UTF-8', 'utf8', 'caf\u00c3\u00a9'),
    one('GET with a body', get, echo('mail [REDACTED_EMAIL]', { method: 'GET' }), {
      decision: { facts: { size: 20 } },
    }),
    one(
      'a parser before the gate',
      { path: '/after-parser', ...json },
      { status: 500, json: { code: 'PTC_E010' } },
      { decision: { code: 'PTC_D103' } },
    ),
  ];
}

function verdicts(): Case[] {
  const known = (status: number, body: string): Case =>
    one(
      `known answer ${status}`,
      { path: `/known?${status}`, body: 'x' },
      { status, body, headers: { 'x-known': '1' } },
      { reached: 0 },
    );
  const hidden: Expected = {
    status: 202,
    json: { outcome: 'escalated', reason: 'implausible' },
    headers: { 'x-doubt': '1' },
  };
  return [
    known(200, '{"known":"\u00e9\u{1f600}"}'),
    known(203, '{"known":"\u00e9\u{1f600}"}'),
    known(204, ''),
    known(304, ''),
    one('escalated', { path: '/escalated', body: 'x' }, hidden, { reached: 0 }),
    one(
      'refused before the body is read',
      { path: '/refused', body: Buffer.alloc(100_000), withheld: 1 },
      refusal(400, 'PTC_D411', 'refuser', { json: { findings: [{ rule: 'a/b', place: { in: 'query' } }] } }),
    ),
    one(
      'a guard throws, closed',
      { path: '/failing' },
      refusal(503, 'PTC_D801', 'broken', { headers: { 'retry-after': '1' } }),
    ),
    one('a guard throws, open', { path: '/open', body: 'x' }, echo('x')),
    one('a guard hangs', { path: '/hanging' }, refusal(503, 'PTC_D802', 'slow', { headers: { 'retry-after': '1' } })),
    one(
      'headers of a guard',
      { path: '/headers', body: 'x' },
      { ...echo('x'), headers: { 'x-label': 'a, b', vary: 'x-note' } },
    ),
    one('canary: inside', { path: '/canary', headers: [['X-Note', 'c']] }, refusal(400, 'PTC_D411', 'refuser')),
    one('canary: outside', { path: '/canary', headers: [['X-Note', 'a']] }, echo('')),
    one('no guard wants the body', { path: '/head', body: 'streamed', headers: [JSON_TYPE] }, echo('streamed')),
  ];
}

function addresses(): Case[] {
  const from = (name: string, forwarded: readonly string[], address: string): Case => {
    const [head = ''] = request({ method: 'GET', path: '/head' }) as string[];
    const fields = forwarded.map((value) => `X-Forwarded-For: ${value}\r\n`).join('');
    const parts = [String(head).replace(`X-Forwarded-For: ${CLIENT_ADDRESS}\r\n`, fields)];
    return {
      name: `address, ${name}`,
      sends: [{ parts }],
      answers: [echo('', { method: 'GET' })],
      ...shown({ address }),
    };
  };
  return [
    from('of one proxy', [CLIENT_ADDRESS], CLIENT_ADDRESS),
    from('what the client made up is not believed', ['198.51.100.1, 203.0.113.7'], '203.0.113.7'),
    from('in two headers', ['198.51.100.1', '203.0.113.7'], '203.0.113.7'),
    from('IPv6', ['2001:db8::1'], '2001:db8::1'),
    from('no proxy spoke: that of the connection', [], '127.0.0.1'),
  ];
}

function memories(): Case[] {
  const key = (body: string): RequestParts => ({ path: '/once', body, headers: [['Idempotency-Key', 'k1']] });
  const again = refusal(409, 'PTC_D703', 'replay', { json: { decision_id: 'decision-2' } });
  const limited = refusal(429, 'PTC_D601', 'rate-limit', {
    headers: { 'retry-after': '2' },
    json: { decision_id: 'decision-3' },
  });
  return [
    {
      name: 'replay of what only the application answers',
      sends: [key('a'), key('a'), key('b')].map((each) => ({ parts: request(each) })),
      answers: [echo('a'), again, echo('b', { decision: ['decision-3', 'allow'] })],
    },
    {
      name: 'the third is too much',
      sends: Array.from({ length: 3 }, () => ({ parts: request({ method: 'GET', path: '/limited' }) })),
      answers: [{ status: 200 }, { status: 200 }, limited],
    },
  ];
}

/** Clients that are slow, or go away. */
function broken(): Case[] {
  const path = '/bytes/x';
  const lost = { decided: 1, reached: 0, decision: { outcome: 'deny', code: 'PTC_D103' } };
  const half = (parts: RequestParts): string[] => [String(request(parts)[0]), 'half of it'];
  const cut = (name: string, parts: readonly (string | Uint8Array)[]): Case => ({
    name,
    sends: [{ parts, pauseMs: 30, abort: true }],
    answers: [null],
    ...lost,
  });
  const slow = 'slowly, byte by byte';
  return [
    cut('the client goes away in a body with its length', half({ path, body: 'x'.repeat(100) })),
    cut('the client goes away in a body of chunks', [String(request({ path, body: 'x', chunks: [1] })[0]), '5\r\nab']),
    one('a slow body in chunks', { path, body: slow, chunks: [1], pauseMs: 5 }, echo(slow)),
    {
      name: 'a slow body with its length, and a slow head',
      sends: [
        {
          parts: [
            'POST /bytes/x HTTP/1.1\r\nHo',
            `st: h.example\r\nX-Forwarded-For: ${CLIENT_ADDRESS}\r\nConnection: close\r\nContent-Le`,
            'ngth: 4\r\n\r\n',
            'sl',
            'ow',
          ],
          pauseMs: 20,
        },
      ],
      answers: [echo('slow')],
    },
  ];
}
