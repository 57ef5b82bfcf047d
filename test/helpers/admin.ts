import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeToken, type Scope } from '../../gateway/admin/tokens.ts';
import type { Clock } from '../../src/clock.ts';
import { startTestGateway, type TestGateway } from './gateway.ts';
import { type RawAnswer, send } from './http.ts';
import { tempDirectory } from './temp.ts';

export type JsonAnswer = RawAnswer & { readonly json: Record<string, never> };

export interface AdminGateway extends TestGateway {
  /** Tokens by what they may do. */
  readonly tokens: Readonly<Record<Scope | 'all', string>>;
  /** A call with the token of all scopes, unless headers say otherwise. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<JsonAnswer>;
  /** Where the tenants are kept. */
  readonly file: string;
}

export interface AdminGatewayOptions {
  readonly env?: Record<string, string>;
  readonly version?: 4 | 5;
  readonly clock?: Clock;
  /** A directory of another gateway that has been closed. */
  readonly directory?: string;
}

const FAR = Date.UTC(2100, 0, 1);

/** A gateway with the admin API and an empty store of tenants, gone after the test. */
export async function startAdminGateway(options: AdminGatewayOptions = {}): Promise<AdminGateway> {
  const directory = options.directory ?? (await tempDirectory());
  const made = {
    read: makeToken('reader', ['read'], FAR),
    write: makeToken('writer', ['write'], FAR),
    operate: makeToken('operator', ['operate'], FAR),
    all: makeToken('root', ['read', 'write', 'operate'], FAR),
  };
  const tokensFile = join(directory, 'tokens.jsonl');
  await writeFile(
    tokensFile,
    Object.values(made)
      .map(({ line }) => `${JSON.stringify(line)}\n`)
      .join(''),
  );
  const file = join(directory, 'store', 'tenants.json');
  const started = await startTestGateway(
    {
      PCS_SIGN_ALG: '',
      PCS_HMAC_KEY: '',
      ADMIN_TOKENS_FILE: tokensFile,
      TENANTS_STORE_FILE: file,
      WAL_DIR: join(directory, 'wal'),
      WORM_BASE_DIR: join(directory, 'ledger'),
      ...options.env,
    },
    options.version,
    options.clock,
  );
  const tokens = {
    read: made.read.token,
    write: made.write.token,
    operate: made.operate.token,
    all: made.all.token,
  };
  return {
    ...started,
    directory,
    tokens,
    file,
    async call(method, path, body, headers = {}) {
      const answer = await send(started.gateway.port, {
        method,
        path,
        headers: {
          authorization: `Bearer ${tokens.all}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        chunks: body === undefined ? [] : [typeof body === 'string' ? body : JSON.stringify(body)],
      });
      return { ...answer, json: answer.body === '' ? {} : JSON.parse(answer.body) };
    },
  };
}

/** All records of the ledger in a directory of a gateway. */
export async function ledgerRecords(directory: string): Promise<Record<string, unknown>[]> {
  const names = (await readdir(join(directory, 'ledger'), { recursive: true })).filter((name) =>
    name.endsWith('.jsonl'),
  );
  const texts = await Promise.all(names.sort().map((name) => readFile(join(directory, 'ledger', name), 'utf8')));
  return texts.flatMap((text) => text.trimEnd().split('\n')).map((line) => JSON.parse(line));
}
