import type { Case } from './cases/case.ts';

/** Where a target does not do as the others, by its nature and not by ours: what it does instead, and why. */
export interface Difference extends Omit<Partial<Case>, 'decision'> {
  readonly targets: readonly string[];
  readonly why: string;
  readonly decision?: object | undefined;
}

const WEB = ['workerd', 'Deno', 'Bun', 'Hono on Deno', 'Hono on Bun'];

const BUN_TYPE: readonly Difference[] = [
  { targets: ['Bun', 'Hono on Bun'], why: 'the server gives every answer with a body a content type' },
];

const seen = (facts: object): Pick<Difference, 'decision'> => ({ decision: { facts: { seen: facts } } });
/** Those that have had the target resolved as a URL. */
const RESOLVING = ['Hono on Node', 'fetch', 'workerd', 'Deno', 'Bun', 'Hono on Bun'];
const resolved = (path: string): readonly Difference[] => [
  { targets: RESOLVING, why: 'a request has a URL there, and a URL has no dot segments', ...seen({ path }) },
];
const oneMember = {
  targets: ['workerd'],
  why: 'DecompressionStream takes one member, and nothing behind it',
  answers: [{ status: 400, json: { code: 'PTC_D103', guard: 'size' } }],
  decision: { code: 'PTC_D103' },
  reached: 0,
};
const inUtf8 = (note: string): readonly Difference[] => [
  { targets: ['workerd'], why: 'it reads headers as UTF-8', ...seen({ headers: { note } }) },
];
const noBody = { status: 200, json: { length: 0, method: 'GET', decision: ['decision-1', 'allow'] } };
const unread = { answers: [{ status: 400, json: { code: 'PTC_D103', guard: 'pii' } }], reached: 0 };

/** By the name of the case. */
export const DIFFERENCES: Readonly<Record<string, readonly Difference[]>> = {
  'body, brotli': [
    {
      targets: ['workerd'],
      why: 'the web platform inflates gzip and deflate only',
      answers: [{ status: 415, json: { code: 'PTC_D102', guard: 'size' } }],
      decision: { code: 'PTC_D102' },
      reached: 0,
    },
  ],
  'head, __proto__': [
    {
      targets: ['Hono on Node', 'fetch', ...WEB],
      why: 'Node leaves this header out of its object of headers; Headers have it like any other',
      decision: { facts: { seen: { headers: { proto: '7' } } } },
    },
  ],
  'body, gzip of two members': [oneMember],
  'body, gzip with zeros behind it': [oneMember],
  'target, dot segments': resolved('/head/y/z'),
  'target, dot segments that lead elsewhere': resolved('/bytes/x'),
  'target, encoded dot segments': resolved('/bytes'),
  'target, characters that are no part of a URL': resolved('/head/%22%3C%3E'),
  'head, Latin-1': inUtf8('caf\ufffd'),
  'head, UTF-8': inUtf8('caf\u00e9'),
  'GET with a body': [
    {
      targets: ['Fastify 5', 'Hono on Node', 'workerd'],
      why: 'guards see the body, and there is no way to hand it to the application',
      answers: [noBody],
    },
    {
      targets: ['fetch', 'Deno', 'Bun', 'Hono on Deno', 'Hono on Bun'],
      why: 'the server does not hand over the body of a GET, neither to us nor to the application',
      answers: [noBody],
      decision: { facts: { size: 0 } },
    },
  ],
  'a parser before the gate': [
    {
      targets: ['Hono on Node', 'Hono on Deno', 'Hono on Bun'],
      why: 'Hono keeps what was read, and handlers read from there',
      answers: [{ status: 200, json: { start: '{"text":"[REDACTED_EMAIL]"}', decision: ['decision-1', 'allow'] } }],
      decision: { outcome: 'allow' },
      reached: 1,
    },
    {
      targets: ['Fastify 5', 'fetch', 'node:http', 'workerd', 'Deno', 'Bun'],
      why: 'there is no error path, or it was no parser of the framework: refused',
      ...unread,
    },
  ],
  'known answer 200': BUN_TYPE,
  'known answer 203': BUN_TYPE,
  'head, absolute form': [
    {
      targets: ['workerd'],
      why: 'the front of the local simulator fails on it, before any Worker is asked',
      answers: [{ status: 500 }],
      decided: 0,
      decision: undefined,
    },
  ],
  'head, a header with spaces around it': [
    {
      targets: ['workerd'],
      why: 'it takes away what stands before a value, but not what stands after it',
      decision: { facts: { seen: { headers: { note: 'padded\t ' } } } },
    },
  ],
  'address, no proxy spoke: that of the connection': [
    {
      targets: ['workerd'],
      why: 'it does not tell a Worker the address of the connection',
      decision: { facts: { seen: { address: null } } },
    },
  ],
};
