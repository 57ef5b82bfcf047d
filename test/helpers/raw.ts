import { connect } from 'node:net';

/** Sends these bytes on a connection of their own and returns every byte that comes back until it is closed. */
export function exchangeRaw(port: number, ...parts: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const received: Buffer[] = [];
    socket.on('data', (bytes) => received.push(bytes));
    // Also a reset is an answer: what came before it is what there is.
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(received).toString('latin1')));
    const next = (at: number): void => {
      const part = parts[at];
      if (part === undefined) return;
      socket.write(part, 'latin1', () => setImmediate(next, at + 1));
    };
    next(0);
  });
}

/** A request as its bytes; the connection is closed after its answer. */
export function requestText(method = 'GET', path = '/', headers: readonly string[] = [], version = '1.1'): string {
  return [`${method} ${path} HTTP/${version}`, 'Host: h', 'Connection: close', ...headers, '', ''].join('\r\n');
}

/** What differs from one second to the next. */
export function undated(answer: string): string {
  return answer.replace(/^Date: .*$/gim, 'Date: then');
}
