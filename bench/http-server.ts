import { Buffer } from 'node:buffer';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { portcullis as forExpress } from '../middleware/express.ts';
import { portcullis as forFastify } from '../middleware/fastify.ts';
import { portcullis as forFetch } from '../middleware/fetch.ts';
import { portcullis as forHono } from '../middleware/hono.ts';
import { portcullis as forNode } from '../middleware/node.ts';
import { createGate, type Gate } from '../src/gate.ts';
import { pii } from '../src/guards/pii/guard.ts';
import { pcsGuards } from '../src/pcs/preset.ts';
import { createTenants } from '../src/tenancy/registry.ts';
import { BENCH_KEY } from './records.ts';

/** An application that parses JSON and answers it, in a process of its own: `http-server.js <framework> <gate>`. */

const PATH = '/v1/pcs/submit';

const GATES: Readonly<Record<string, () => Gate | undefined>> = {
  bare: () => undefined,
  empty: () => createGate({ guards: [] }),
  pcs: pcsGate,
  pii: () => createGate({ guards: [pii({ mode: 'redact' })], stages: { pii: 'enforce' } }),
};

function pcsGate(): Gate {
  const tenants = createTenants([
    { id: 'bench', keys: [{ id: 'k', alg: 'hmac', key: BENCH_KEY }], rate: 1e6, burst: 1e6, pii: { mode: 'redact' } },
  ]);
  return createGate({
    guards: pcsGuards({ tenants }),
    stages: { pii: 'enforce', sanity: 'enforce', anomaly: 'enforce', recompute: 'enforce', vrf: 'off' },
    tenant: () => 'bench',
  });
}

function answer(body: unknown): object {
  return { pcs_id: (body as { pcs_id?: string }).pcs_id, outcome: 'accepted' };
}

/** Each listens on a free port and says which. */
const FRAMEWORKS: Readonly<Record<string, (gate: Gate | undefined) => Promise<number>>> = {
  async express(gate) {
    const app = express();
    if (gate !== undefined) app.use(forExpress(gate));
    app.post(PATH, express.json({ limit: '1mb' }), (req, res) => {
      res.json(answer(req.body));
    });
    return listening(createServer(app));
  },
  async fastify(gate) {
    const app = fastify();
    if (gate !== undefined) await app.register(forFastify, { gate });
    app.post(PATH, async (request) => answer(request.body));
    await app.listen({ port: 0, host: '127.0.0.1' });
    return (app.server.address() as AddressInfo).port;
  },
  async hono(gate) {
    const app = new Hono();
    if (gate !== undefined) app.use(forHono(gate));
    app.post(PATH, async (c) => c.json(answer(await c.req.json())));
    return listening(createServer(getRequestListener(app.fetch)));
  },
  fetch(gate) {
    const handler = async (request: Request): Promise<Response> => Response.json(answer(await request.json()));
    const handle = gate === undefined ? handler : forFetch(gate, handler);
    return listening(createServer(getRequestListener((request) => handle(request))));
  },
  node(gate) {
    const listener: RequestListener = async (req, res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      res.end(JSON.stringify(answer(JSON.parse(Buffer.concat(chunks).toString()))));
    };
    return listening(createServer(gate === undefined ? listener : forNode(gate, listener)));
  },
};

function listening(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

const [, , framework = '', gate = ''] = process.argv;
process.on('SIGINT', () => process.exit(0));
// Asked by the benches before and after a round.
process.on('message', (question) => {
  if (question === 'usage') return process.send?.(process.cpuUsage());
  // Twice: what the first collection finalizes goes with the second.
  gc?.();
  gc?.();
  return process.send?.(process.memoryUsage());
});
process.send?.(await FRAMEWORKS[framework]?.(GATES[gate]?.()));
