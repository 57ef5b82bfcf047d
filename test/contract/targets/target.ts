import { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KnownResponse } from '../../../src/guard.ts';

/** A server with the gate in front, listening. */
export interface Server {
  readonly port: number;
  /** Of its process, if it has one of its own and that is known. */
  readonly pid?: number | undefined;
  stop(): Promise<void>;
}

/** One way to have the gate in front of an application. */
export interface Target {
  readonly name: string;
  start(): Promise<Server>;
}

/** Whom every target believes about the client's address: the one proxy in front of it. */
export const HOPS = 1;

export function answerNode(res: ServerResponse, { status, headers, body }: KnownResponse): void {
  res.writeHead(status, headers).end(body);
}

/** The body as its stream has it. */
export async function bytesOf(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
