import { DECISION_CODES, type DecisionCode, problemResponse } from 'portcullis';
import { decisionOf, portcullis } from 'portcullis/workers';
import type { Env } from './config.ts';
import { gatesOf } from './gates.ts';

export { MetricsObject } from './metrics-object.ts';
export { RateObject } from './rate-object.ts';
export { ReplayObject } from './replay-object.ts';

/** PCS records. The gate has made the answer already, so that it can be given again, byte for byte. */
const records = portcullis({
  gate: (env: Env) => gatesOf(env).records,
  fetch(request) {
    const known = decisionOf(request)?.response;
    if (known === undefined) throw new Error('the gate gave no answer');
    return new Response(known.body, known);
  },
});

/** Notes: an application of one's own, which gets the redacted body. This one only says what it would keep. */
const notes = portcullis({
  gate: (env: Env) => gatesOf(env).notes,
  fetch: async (request) => Response.json({ saved: await request.json() }, { status: 201 }),
});

type Handler = (request: Request, env: Env, ctx: Parameters<typeof records.fetch>[2]) => Promise<Response>;

const ROUTES: Readonly<Record<string, { readonly method: string; readonly handler: Handler }>> = {
  '/v1/pcs/submit': { method: 'POST', handler: records.fetch },
  '/v1/notes': { method: 'POST', handler: notes.fetch },
  '/metrics': { method: 'GET', handler: metrics },
  '/health': { method: 'GET', handler: async () => new Response('OK') },
};

async function metrics(request: Request, env: Env): Promise<Response> {
  const gates = gatesOf(env);
  const isAllowed = await isSame(request.headers.get('authorization') ?? '', `Bearer ${env.METRICS_TOKEN}`);
  if (!isAllowed) return refuse('PTC_D307', { 'www-authenticate': 'Bearer realm="metrics"' });
  try {
    const text = await gates.metrics();
    return new Response(text, { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } });
  } catch {
    return refuse('PTC_D801', { 'retry-after': '1' });
  }
}

/** Compares digests, so that neither length nor content shows in the time it takes. */
async function isSame(given: string, expected: string): Promise<boolean> {
  const digests = await Promise.all(
    [given, expected].map((text) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))),
  );
  const [one = new Uint8Array(), other = new Uint8Array()] = digests.map((digest) => new Uint8Array(digest));
  return one.reduce((difference, byte, at) => difference | (byte ^ other[at]!), 0) === 0;
}

function refuse(code: DecisionCode, headers: Readonly<Record<string, string>> = {}): Response {
  const { status } = DECISION_CODES[code];
  const nothing = { reasons: [], findings: [], patches: [] };
  const problem = problemResponse(
    { outcome: 'deny', status, code, guard: 'worker', headers, ...nothing },
    crypto.randomUUID(),
  );
  return new Response(problem.body, problem);
}

// Workers are started by their default export.
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    const route = Object.hasOwn(ROUTES, pathname) ? ROUTES[pathname] : undefined;
    if (route === undefined) return refuse('PTC_D110');
    if (request.method !== route.method) return refuse('PTC_D109', { allow: route.method });
    return route.handler(request, env, ctx);
  },
} satisfies { fetch: Handler };
