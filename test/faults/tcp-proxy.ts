import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a gateway and a server, and is what goes wrong between them. */
export interface TcpProxy {
  readonly port: number;
  /** `pass`: as if it were not there. `refuse`: nobody listens, and what was open is cut. `hang`: bytes stay where they are. */
  set(mode: 'pass' | 'refuse' | 'hang'): Promise<void>;
  close(): Promise<void>;
}

export async function startProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let hangs = false;
  let port = 0;
  let server: Server | undefined;

  function relay(client: Socket): void {
    const upstream = connect(target);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.on('error', end);
      from.on('close', end);
      from.pipe(to);
    }
    if (hangs) stall(pair);
  }

  async function open(): Promise<void> {
    if (server !== undefined) return;
    const opened = createServer(relay);
    await new Promise<void>((resolve, reject) => {
      opened.once('error', reject);
      opened.listen(port, '127.0.0.1', resolve);
    });
    port = (opened.address() as { port: number }).port;
    server = opened;
  }

  async function shut(): Promise<void> {
    const closing = server;
    server = undefined;
    for (const [client, upstream] of pairs) {
      client.destroy();
      upstream.destroy();
    }
    if (closing !== undefined) await new Promise((resolve) => closing.close(resolve));
  }

  await open();
  return {
    get port() {
      return port;
    },
    async set(mode) {
      hangs = mode === 'hang';
      if (mode === 'refuse') return shut();
      await open();
      for (const pair of pairs) hangs ? stall(pair) : flow(pair);
    },
    close: shut,
  };
}

function stall(pair: readonly [Socket, Socket]): void {
  for (const socket of pair) socket.pause();
}

function flow(pair: readonly [Socket, Socket]): void {
  for (const socket of pair) socket.resume();
}
