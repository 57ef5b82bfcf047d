import { portcullis, type WorkerContext } from '../../../middleware/workers.ts';
import { type App, createApp } from '../app.ts';
import { around, behindGate } from './web.ts';

type Env = Record<string, never>;

let app: App | undefined;

function own(): App {
  app ??= createApp();
  return app;
}

const gated = portcullis<Env>({
  gate: () => own().gate,
  fetch: (request) => behindGate(own(), request),
  trust: { hops: 1 },
});

/** A module Worker. */
export const worker = {
  fetch: (request: Request, env: Env, ctx: WorkerContext): Promise<Response> =>
    around(own(), gated.fetch)(request, env, ctx),
};
