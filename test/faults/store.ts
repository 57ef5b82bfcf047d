import { setTimeout as sleep } from 'node:timers/promises';
import type { GatewayProcess } from './gateway-process.ts';
import { type Client, createClient, type Shot, statuses } from './load.ts';
import { signedBodies } from './records.ts';
import { must } from './scenario.ts';
import { HMAC_KEY, type Scope } from './scope.ts';
import { startProxy, type TcpProxy } from './tcp-proxy.ts';

/** Milliseconds within which a gateway must have found its store again. */
const RECOVERY_MS = 10_000;
/** Milliseconds that no answer may take while a store says nothing. */
const LONGEST_ANSWER_MS = 8_000;

/** Gateways that share a store through a proxy which can fail. The tenant is this run's alone, so old rows do not count. */
export interface Shared {
  readonly proxy: TcpProxy;
  readonly tenant: string;
  readonly headers: Readonly<Record<string, string>>;
  gateway(name: string): Promise<{ readonly gateway: GatewayProcess; readonly client: Client }>;
}

/** @param envOf what tells a gateway to use the store that is behind this port of 127.0.0.1 */
export async function shareStore(
  scope: Scope,
  server: { readonly host: string; readonly port: number },
  envOf: (port: number) => Readonly<Record<string, string>>,
): Promise<Shared> {
  const proxy = await startProxy(server);
  scope.onEnd(() => proxy.close());
  const tenant = `t-${scope.id}`;
  return {
    proxy,
    tenant,
    headers: { 'x-tenant-id': tenant },
    async gateway(name) {
      const gateway = await scope.gateway({
        name,
        env: {
          PCS_SIGN_ALG: undefined,
          PCS_HMAC_KEY: undefined,
          TENANTS: `${tenant}:hmac:${HMAC_KEY}`,
          ...envOf(proxy.port),
        },
      });
      const client = createClient(gateway.port);
      scope.onEnd(client.close);
      return { gateway, client };
    },
  };
}

/** Waits until a record is accepted again; the milliseconds that it took. */
export async function recovered(
  scope: Scope,
  client: Client,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const began = performance.now();
  for (let at = 0; performance.now() - began < RECOVERY_MS; at++) {
    const [body = ''] = await signedBodies(scope, 1, { prefix: `recovery-${at}-` });
    const answer = await client.submit(body, headers);
    if (answer?.status === 200) return Math.round(performance.now() - began);
    await sleep(100);
  }
  throw new Error(`no record was accepted within ${RECOVERY_MS} ms after the store was back`);
}

/** Everything was accepted or refused with 503 and Retry-After, in time; how many were refused. */
export function mustBeClosed(shots: readonly Shot[]): number {
  const seen = statuses(shots);
  must((seen[200] ?? 0) + (seen[503] ?? 0) === shots.length, `the answers were ${JSON.stringify(seen)}`);
  const bare = shots.find(({ answer }) => answer?.status === 503 && answer.headers['retry-after'] === undefined);
  must(bare === undefined, 'a 503 came without Retry-After');
  const slow = shots.find(({ answer }) => (answer?.ms ?? 0) > LONGEST_ANSWER_MS);
  must(slow === undefined, `an answer took ${Math.round(slow?.answer?.ms ?? 0)} ms`);
  return seen[503] ?? 0;
}
