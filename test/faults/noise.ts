import { fork } from 'node:child_process';
import { connect } from 'node:net';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the noisy client is told. */
interface Order {
  readonly port: number;
  readonly tenant: string;
  readonly perSecond: number;
  readonly bodies: readonly string[];
}

/** A noisy client at work. */
export interface Noise {
  /** Resolves when it sends. */
  readonly begun: Promise<void>;
  /** How often each status came, once everything is answered. */
  readonly done: Promise<Record<number, number>>;
}

/** Connections that the noisy client keeps. */
const CONNECTIONS = 64;

/**
 * Posts from a process of its own, as cheaply as it can: its requests are made before it begins, and of answers it reads the
 * status and the length. On a machine with few cores, what the client takes is missing to the gateway that is measured.
 */
export function makeNoise(order: Order): Noise {
  const child = fork(new URL(import.meta.url));
  const told = (isIt: (message: unknown) => boolean): Promise<unknown> =>
    new Promise((resolve, reject) => {
      child.on('message', (message) => isIt(message) && resolve(message));
      child.once('exit', (code) => reject(new Error(`the noisy client ended with ${code}`)));
    });
  const begun = told((message) => message === 'begun').then(() => undefined);
  const done = told((message) => message !== 'begun').then((counts) => {
    child.disconnect();
    return counts as Record<number, number>;
  });
  child.send(order);
  return { begun, done };
}

if (process.send !== undefined) {
  process.once('message', async (order: Order) => {
    const counts = await flood(order, () => process.send?.('begun'));
    process.send?.(counts);
  });
}

async function flood(order: Order, onBegin: () => void): Promise<Record<number, number>> {
  const { port, tenant, perSecond } = order;
  const requests = order.bodies.map((body) =>
    Buffer.from(
      `POST /v1/pcs/submit HTTP/1.1\r\nhost: 127.0.0.1\r\nx-tenant-id: ${tenant}\r\ncontent-type: application/json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  );
  const counts: Record<number, number> = {};
  const idle = Array.from({ length: CONNECTIONS }, () => connect({ port, host: '127.0.0.1', noDelay: true }));
  const sockets = [...idle];
  let due = 0;
  let sent = 0;
  let answered = 0;
  const push = (): void => {
    for (; sent < due && idle.length > 0; sent++) idle.pop()?.write(requests[sent] as Buffer);
  };
  for (const socket of sockets) {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!isWhole(text)) return;
      const status = Number(text.slice(9, 12));
      counts[status] = (counts[status] ?? 0) + 1;
      answered++;
      text = '';
      idle.push(socket);
      push();
    });
  }
  onBegin();
  const began = performance.now();
  while (answered < requests.length) {
    due = Math.min(requests.length, Math.ceil(((performance.now() - began) * perSecond) / 1_000));
    push();
    await sleep(1);
  }
  for (const socket of sockets) socket.destroy();
  return counts;
}

/** Whether an answer with a length has come in whole. */
function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  const length = /^content-length: (\d+)\r$/im.exec(text.slice(0, end + 1))?.[1];
  return end >= 0 && text.length >= end + 4 + Number(length);
}
