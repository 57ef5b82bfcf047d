import type { BodyResult } from '../../src/exchange.ts';

/** A request to the admin API, whatever server it came in by. */
export interface AdminCall {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  /** A header by lower-case name. */
  header(name: string): string | undefined;
  /** The client's address, as far as it can be believed. */
  readonly address: string | undefined;
  /** The body, read now. */
  body(): Promise<BodyResult>;
}
