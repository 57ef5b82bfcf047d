import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server, and can be cut off or fall silent. */
export interface TestProxy {
  readonly port: number;
  /** Takes connections and bytes, and hands nothing on. */
  hang(): void;
  /** Closes every connection, and refuses more. */
  cut(): Promise<void>;
  /** Hands everything on again. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** A proxy in front of a port of 127.0.0.1. */
export async function startProxy(target: number): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  let hangs = false;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => client.write(bytes));
    if (hangs) for (const socket of [client, upstream]) socket.pause();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  async function cut(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  return {
    port,
    hang() {
      hangs = true;
      for (const socket of sockets) socket.pause();
    },
    cut,
    async mend() {
      hangs = false;
      for (const socket of sockets) socket.resume();
      if (server.listening) return;
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    close: cut,
  };
}
