import { describe, expect, test, vi } from 'vitest';
import { decisionOf, portcullis, type WorkerContext } from '../../middleware/workers.ts';
import { createGate, type Gate } from '../../src/gate.ts';
import { labels, origin, recorded, redactor, refuser } from '../helpers/guards.ts';

interface Env {
  readonly NAME?: string;
}

/** What a Worker is handed, with what was to be waited for. */
function context(): WorkerContext & { readonly waiting: Promise<unknown>[] } {
  const waiting: Promise<unknown>[] = [];
  return { waiting, waitUntil: (promise) => void waiting.push(promise) };
}

const request = (init?: RequestInit): Request => new Request('https://api.example/x', init);
const fetch = () => new Response('ok');

describe('the gate', () => {
  test('is made at the first request, once for each environment', async () => {
    const gate = vi.fn((_env: Env): Gate => createGate({ guards: [] }));
    const worker = portcullis<Env>({ gate, fetch });
    expect(gate).not.toHaveBeenCalled();
    const one: Env = { NAME: 'one' };
    const two: Env = { NAME: 'two' };
    for (const env of [one, one, two, one, two]) await worker.fetch(request(), env, context());
    expect(gate.mock.calls).toEqual([[one], [two]]);
  });

  test('that could not be made is tried again at the next request', async () => {
    let ready = false;
    const worker = portcullis<Env>({
      gate() {
        if (!ready) throw new TypeError('no key yet');
        return createGate({ guards: [] });
      },
      fetch,
    });
    const env = {};
    await expect(worker.fetch(request(), env, context())).rejects.toThrow('no key yet');
    ready = true;
    expect((await worker.fetch(request(), env, context())).status).toBe(200);
  });

  test('that is none stops the first request, with a code', async () => {
    const worker = portcullis({ gate: () => ({}) as Gate, fetch });
    await expect(worker.fetch(request(), {}, context())).rejects.toThrow(/^PTC_E002 .*workers\.gate/);
  });
});

test('sinks are waited for after the answer, also after a refusal', async () => {
  const { gate, recorder } = recorded(refuser());
  const ctx = context();
  const answer = await portcullis({ gate: () => gate, fetch }).fetch(request(), {}, ctx);
  expect([answer.status, ctx.waiting.length]).toEqual([400, 1]);
  await Promise.all(ctx.waiting);
  expect(recorder.decisions.length).toBe(1);
});

test('what stands behind the gate gets request, environment and context, and its answer the headers of guards', async () => {
  const env: Env = { NAME: 'env' };
  const ctx = context();
  const worker = portcullis<Env>({
    gate: () => createGate({ guards: [labels, redactor] }),
    async fetch(handedOn, ...rest) {
      expect(rest).toEqual([env, ctx]);
      return new Response(`${await handedOn.text()} ${decisionOf(handedOn)?.outcome}`);
    },
  });
  const answer = await worker.fetch(request({ method: 'POST', body: 'my secret' }), env, ctx);
  expect([await answer.text(), answer.headers.get('x-label')]).toEqual(['my [***] allow', 'gate']);
});

test('the address is what Cloudflare says, unless somebody else is to be believed', async () => {
  const { gate, recorder } = recorded(origin);
  const headers = { 'cf-connecting-ip': '203.0.113.9', 'x-forwarded-for': '198.51.100.1, 192.0.2.1' };
  for (const options of [{}, { trust: { hops: 1 } }, { trust: { header: 'x-real-ip' } }]) {
    await portcullis({ gate: () => gate, fetch, ...options }).fetch(request({ headers }), {}, context());
  }
  await gate.flush();
  expect(recorder.decisions.map(({ facts }) => facts.address)).toEqual(['203.0.113.9', '192.0.2.1', undefined]);
});

test('options are checked when the module is loaded', () => {
  const gate = (): Gate => createGate({ guards: [] });
  const make = (options: object) => () => portcullis({ gate, fetch, ...options });
  expect(make({ maxBodyBytes: 0.5 })).toThrow(/^PTC_E003 .*workers\.maxBodyBytes/);
  expect(make({ peer: () => '' })).toThrow(/^PTC_E004 .*workers\.peer/);
  expect(make({ trust: { proxies: ['0.0.0.0/0'] } })).toThrow(/^PTC_E003 .*workers\.trust\.proxies/);
  expect(make({ gate: createGate({ guards: [] }) })).toThrow(/^PTC_E002 .*workers\.gate/);
  expect(make({ fetch: undefined })).toThrow(/^PTC_E001 .*workers\.fetch/);
});
