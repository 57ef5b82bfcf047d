import { fork } from 'node:child_process';
import process from 'node:process';
import { createClient, statuses } from './load.ts';
import { paced } from './paced.ts';

/** What the noisy client is told, and what it says when it is done: how often each status came. */
interface Order {
  readonly port: number;
  readonly tenant: string;
  readonly perSecond: number;
  readonly bodies: readonly string[];
}

/** Posts from a process of its own: a client that shares a thread with the one that is measured would slow that one down. */
export function makeNoise(order: Order): Promise<Record<number, number>> {
  const child = fork(new URL(import.meta.url));
  return new Promise((resolve, reject) => {
    child.once('message', (counts) => {
      child.disconnect();
      resolve(counts as Record<number, number>);
    });
    child.once('exit', (code) => reject(new Error(`the noisy client ended with ${code}`)));
    child.send(order);
  });
}

if (process.send !== undefined) {
  process.once('message', async (order: Order) => {
    const client = createClient(order.port, 64);
    const answers = await paced(client, order.bodies, order.perSecond, { 'x-tenant-id': order.tenant });
    client.close();
    process.send?.(statuses(answers.map((answer) => ({ body: '', answer }))));
  });
}
