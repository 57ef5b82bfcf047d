import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type RequestParts, request, type Sent } from '../client.ts';

/** What must be in an answer. */
export interface Expected {
  readonly status: number;
  /** Of a body that is JSON: these members. */
  readonly json?: object;
  /** The body, byte for byte. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One case of the contract: the same bytes to every target, and the same from every target. */
export interface Case {
  readonly name: string;
  readonly sends: readonly Sent[];
  /** One for each that is sent; `null` where no answer is waited for or none comes. */
  readonly answers: readonly (Expected | null)[];
  /** Decisions to be made. Default: one for each that is sent. */
  readonly decided?: number;
  /** Members that the last decision must have. */
  readonly decision?: object;
  /** Records in the ledger. Default: none. */
  readonly records?: number;
  /** How often the application is reached. Default: for each answer of 200. */
  readonly reached?: number;
}

/** A case of one request; its last parts may be withheld, from a server that answers without them and may then hang up. */
export function one(
  name: string,
  parts: RequestParts & Pick<Sent, 'pauseMs' | 'abort'> & { readonly withheld?: number },
  answer: Expected | null,
  more: Partial<Case> = {},
): Case {
  const { pauseMs, abort, withheld, ...rest } = parts;
  const all = request(rest);
  const sent: Sent = {
    parts: all.slice(0, all.length - (withheld ?? 0)),
    ...(pauseMs && { pauseMs }),
    ...(abort && { abort }),
  };
  return { name, sends: [sent], answers: [answer], ...more };
}

/** The refusal with a code, as every refusal has to look. */
export function refusal(status: number, code: string, guard: string, more: Partial<Expected> = {}): Expected {
  return {
    status,
    ...more,
    json: { status, code, guard, type: `urn:portcullis:error:${code}`, decision_id: 'decision-1', ...more.json },
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...more.headers },
  };
}

/** What the application says that it was given. */
export function echo(body: string | Uint8Array, more: object = {}): Expected {
  const bytes = Buffer.from(body as string);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { status: 200, json: { length: bytes.length, sha256, decision: ['decision-1', 'allow'], ...more } };
}

export const JSON_TYPE = ['Content-Type', 'application/json'] as const;
export const TEXT_TYPE = ['Content-Type', 'text/plain'] as const;
