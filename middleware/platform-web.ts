import type { BodyResult } from '../src/exchange.ts';

/** What fetch adapters use where there is nothing but the web platform; platform-node.ts takes its place elsewhere. */
export { inflateBody } from './web-inflate.ts';

/** A request of the server beneath the framework, whose body is had without making a web request of it first. */
export interface ServerRequest {
  /** Leaves the body to be read again. */
  readBody(maxBytes: number): BodyResult | Promise<BodyResult>;
  /** The whole body as a stream, if it was looked at, could not be read, and is there for handlers without a gate. */
  rest(): ReadableStream<Uint8Array> | undefined;
  /** Puts other bytes in the place of the body. */
  replace(bytes: Uint8Array): void;
}

/** The address of the connection, where the server beneath tells it. */
export function serverAddress(_env: unknown): string | undefined {
  return undefined;
}

export function serverRequest(_env: unknown, _request: Request): ServerRequest | undefined {
  return undefined;
}
