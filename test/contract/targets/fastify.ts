import { Buffer } from 'node:buffer';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { portcullis } from '../../../middleware/fastify.ts';
import { AFTER_PARSER_PATH, CONTROL_PATH, createApp, PARSED_PATH } from '../app.ts';
import { HOPS, type Target } from './target.ts';

/** Bytes; more than the gate's cap, so that it is the gate that refuses. */
const BODY_LIMIT = 4 * 1_048_576;

export const fastifyTarget: Target = {
  name: 'Fastify 5',
  async start() {
    const own = createApp();
    const app = fastify({ trustProxy: (_address, hop) => hop < HOPS, bodyLimit: BODY_LIMIT, exposeHeadRoutes: false });
    app.route({
      method: ['GET', 'DELETE'],
      url: CONTROL_PATH,
      async handler(request, reply) {
        const { status, headers, body } = await own.control(request.method);
        return reply.code(status).headers(headers).send(Buffer.from(body));
      },
    });
    app.register(async (gated) => {
      // What reads the bytes before any hook for them is reached.
      gated.addHook('onRequest', async ({ raw, url }) => {
        if (url === AFTER_PARSER_PATH) for await (const _chunk of raw);
      });
      await gated.register(portcullis, { gate: own.gate });
      gated.post(PARSED_PATH, (request, reply) => {
        const { status, headers, body } = own.behindParser(request.body, request.portcullis);
        return reply.code(status).headers(headers).send(Buffer.from(body));
      });
      gated.register(async (bytewise) => {
        bytewise.removeAllContentTypeParsers();
        bytewise.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
        bytewise.route({
          method: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'],
          url: '*',
          async handler(request, reply) {
            const { status, headers, body } = await own.behind({
              method: request.method,
              header: (name) => request.headers[name] as string | undefined,
              bytes: (request.body as Buffer | undefined) ?? Buffer.alloc(0),
              decision: request.portcullis,
            });
            return reply.code(status).headers(headers).send(Buffer.from(body));
          },
        });
      });
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const port = (app.server.address() as AddressInfo).port;
    return {
      port,
      async stop() {
        app.server.closeAllConnections();
        await app.close();
      },
    };
  },
};
