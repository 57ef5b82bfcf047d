import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { createApp } from '../app.ts';
import { honoApp } from './hono-app.ts';
import { HOPS, type Target } from './target.ts';

export const honoTarget: Target = {
  name: 'Hono on Node',
  async start() {
    const { fetch } = honoApp(createApp(), { trust: { hops: HOPS } });
    const server = serve({ fetch, hostname: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return {
      port: (server.address() as AddressInfo).port,
      stop: () =>
        new Promise((resolve) => {
          if ('closeAllConnections' in server) server.closeAllConnections();
          server.close(() => resolve());
        }),
    };
  },
};
