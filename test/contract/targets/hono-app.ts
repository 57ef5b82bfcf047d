import { Hono } from 'hono';
import { type HonoOptions, portcullis } from '../../../middleware/hono.ts';
import { AFTER_PARSER_PATH, type App, CONTROL_PATH, PARSED_PATH } from '../app.ts';
import { respond } from './web.ts';

/** The Hono application, on any runtime. */
export function honoApp(own: App, options: HonoOptions): Hono {
  const app = new Hono();
  app.all(CONTROL_PATH, async (c) => respond(await own.control(c.req.method)));
  app.use(AFTER_PARSER_PATH, async (c, next) => {
    await c.req.json();
    await next();
  });
  app.use(portcullis(own.gate, options));
  app.all(PARSED_PATH, async (c) => respond(own.behindParser(await c.req.json(), c.get('portcullis'))));
  app.all('*', async (c) => {
    const bytes = new Uint8Array(await c.req.arrayBuffer());
    const decision = c.var.portcullis;
    return respond(await own.behind({ method: c.req.method, header: (name) => c.req.header(name), bytes, decision }));
  });
  return app;
}
