import { createApp } from '../app.ts';
import { honoApp } from './hono-app.ts';
import { webHandler } from './web.ts';

/** What is said of the runtimes' own servers by nobody's types here. */
interface DenoServer {
  serve(
    options: { readonly hostname: string; readonly port: number; readonly onListen: () => void },
    handler: (request: Request, info: DenoInfo) => Response | Promise<Response>,
  ): { readonly addr: { readonly port: number } };
}
interface DenoInfo {
  readonly remoteAddr: { readonly hostname: string };
}
interface BunServer {
  readonly port: number;
  requestIP(request: Request): { readonly address: string } | null;
}
interface BunRuntime {
  serve(options: {
    readonly hostname: string;
    readonly port: number;
    readonly fetch: (request: Request, server: BunServer) => Response | Promise<Response>;
  }): BunServer;
}

/** One more than the number of proxies would be a client's own word. */
const trust = { hops: 1 };
const hostname = '127.0.0.1';

/** Serves the application with what Deno or Bun has; gives the port. */
export function main(kind: 'fetch' | 'hono'): number {
  const { Deno, Bun } = globalThis as { Deno?: DenoServer; Bun?: BunRuntime };
  const own = createApp();
  const hono = honoApp(own, { trust });
  if (Deno !== undefined) {
    const peer = (_request: Request, { remoteAddr }: DenoInfo) => remoteAddr.hostname;
    const handler = kind === 'hono' ? hono.fetch : webHandler(own, { trust, peer });
    return Deno.serve({ hostname, port: 0, onListen: () => {} }, handler).addr.port;
  }
  if (Bun === undefined) throw new Error('neither Deno nor Bun');
  const peer = (request: Request, server: BunServer) => server.requestIP(request)?.address;
  return Bun.serve({ hostname, port: 0, fetch: kind === 'hono' ? hono.fetch : webHandler(own, { trust, peer }) }).port;
}
