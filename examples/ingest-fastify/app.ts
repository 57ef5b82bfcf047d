import process from 'node:process';
import { pathToFileURL } from 'node:url';
import fastify, { type FastifyInstance } from 'fastify';
import {
  bounds,
  createGate,
  createKeyRing,
  type Decision,
  format,
  type KnownResponse,
  knownTenant,
  monotonic,
  rateLimit,
  replay,
  required,
  sanity,
  signature,
} from 'portcullis';
import { portcullis } from 'portcullis/fastify';
import { pii } from 'portcullis/pii';

interface Batch {
  readonly device: string;
  /** Milliseconds since the epoch. */
  readonly at: readonly number[];
  readonly celsius: readonly number[];
}

/** Fastify leaves out what its schema does not know; the gate has looked at the bytes before. */
const BATCH = {
  type: 'object',
  required: ['device', 'at', 'celsius'],
  additionalProperties: false,
  properties: {
    device: { type: 'string' },
    note: { type: 'string' },
    at: { type: 'array', items: { type: 'integer' } },
    celsius: { type: 'array', items: { type: 'number' } },
  },
};

/** The answer to a batch that is taken: made by the gate, so that a batch that is sent again gets it again. */
function taken({ outcome, id }: Decision): KnownResponse | undefined {
  if (outcome !== 'allow') return undefined;
  return { status: 202, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ taken: id }) };
}

/**
 * Takes in measurements of devices: signed by whose they are, each batch once however often it is sent, and
 * none that a thermometer cannot have measured.
 */
export function createIngestApp(secrets: Readonly<Record<string, string>>): FastifyInstance {
  const rings = new Map(
    Object.entries(secrets).map(([tenant, key]) => [tenant, createKeyRing([{ id: '1', alg: 'hmac', key }])]),
  );
  const gate = createGate({
    tenant: (exchange) => {
      const id = exchange.header('x-tenant-id') ?? '';
      return rings.has(id) ? id : undefined;
    },
    guards: [
      knownTenant(),
      signature({ keys: ({ tenant }) => rings.get(tenant ?? '') }),
      rateLimit({ key: (_exchange, { tenant }) => tenant, rate: 50, burst: 100 }),
      replay({
        key: (exchange, { tenant }) => {
          const id = exchange.header('idempotency-key');
          return id === undefined ? undefined : `${tenant}|${id}`;
        },
      }),
      sanity({
        rules: [
          // Everything that the schema asks for: what the gate has answered for, Fastify must not refuse.
          ...['/device', '/at', '/celsius'].map((pointer) => required(pointer)),
          format('/note', (note) => typeof note === 'string'),
          bounds('/at', { of: 'items', integer: true, onViolation: 'deny' }),
          format('/device', /^[a-z0-9-]{1,64}$/),
          monotonic('/at', { direction: 'increasing', strict: true, onViolation: 'deny' }),
          bounds('/celsius', { of: 'items', min: -90, max: 60, onViolation: 'deny' }),
        ],
      }),
      // Still being tried out: what it would do shows in `request.portcullis.wouldBe`, and no client notices.
      pii({ mode: 'block' }),
    ],
    stages: { sanity: 'enforce' },
    answer: taken,
  });

  const batches: Batch[] = [];
  const app = fastify({ logger: false });
  app.register(async (guarded) => {
    await guarded.register(portcullis, { gate, maxBodyBytes: 65_536 });
    guarded.post<{ Body: Batch }>('/batches', { schema: { body: BATCH } }, async (request, reply) => {
      batches.push(request.body);
      const known = request.portcullis?.response;
      if (known === undefined) throw new Error('the gate gave no answer');
      return reply.code(known.status).headers(known.headers).send(known.body);
    });
  });
  // Outside of the plugin that the gate is registered in: no gate.
  app.get('/stats', async () => ({ batches: batches.length }));
  return app;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const secret = 'only-for-trying-out';
  await createIngestApp({ acme: secret }).listen({ port: 3000, host: '127.0.0.1' });
  process.stdout.write(
    [
      'batches on http://127.0.0.1:3000/batches; try, twice',
      `  body='{"device":"roof-1","at":[1,2],"celsius":[18.5,18.7]}'`,
      `  sig=$(printf %s "$body" | openssl dgst -sha256 -hmac ${secret} -binary | base64)`,
      '  curl -H \'content-type: application/json\' -H "x-tenant-id: acme" -H "x-signature: $sig" -H \'idempotency-key: 1\' -d "$body" http://127.0.0.1:3000/batches',
      '',
    ].join('\n'),
  );
}
