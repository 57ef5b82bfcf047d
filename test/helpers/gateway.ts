import { onTestFinished } from 'vitest';
import { createJsonLog, type Gateway, readConfig, startGateway } from '../../gateway/gateway.ts';
import { type Clock, SYSTEM_CLOCK } from '../../src/clock.ts';
import { EXPRESSES } from './expresses.ts';
import { type RawAnswer, send } from './http.ts';
import { tempDirectory } from './temp.ts';

export interface TestGateway {
  readonly gateway: Gateway;
  readonly directory: string;
  /** Lines that the gateway logged. */
  readonly log: readonly string[];
  submit(
    body: string | Uint8Array,
    headers?: Record<string, string>,
  ): Promise<RawAnswer & { json: Record<string, unknown> }>;
  metrics(): Promise<string>;
}

/** A gateway on a free port with logs of its own, gone after the test. */
export async function startTestGateway(
  env: Record<string, string> = {},
  version: 4 | 5 = 5,
  clock: Clock = SYSTEM_CLOCK,
): Promise<TestGateway> {
  const directory = await tempDirectory();
  const lines: string[] = [];
  const config = readConfig({
    PORT: '0',
    WAL_DIR: `${directory}/wal`,
    WORM_BASE_DIR: `${directory}/ledger`,
    PCS_SIGN_ALG: 'hmac',
    PCS_HMAC_KEY: 'testsecret',
    ...env,
  });
  const gateway = await startGateway(config, {
    log: createJsonLog((line) => lines.push(line), Date.now),
    express: EXPRESSES[version],
    clock,
  });
  onTestFinished(() => gateway.close());
  return {
    gateway,
    directory,
    log: lines,
    async submit(body, headers = {}) {
      const answer = await send(gateway.port, {
        path: '/v1/pcs/submit',
        headers: { 'content-type': 'application/json', ...headers },
        chunks: [body],
      });
      return { ...answer, json: answer.body === '' ? {} : JSON.parse(answer.body) };
    },
    async metrics() {
      return (await send(gateway.port, { method: 'GET', path: '/metrics' })).body;
    },
  };
}

/** The value of one series, by its name and labels as the exposition writes them. */
export function metric(text: string, series: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? Number.NaN : Number(line.slice(series.length + 1));
}
