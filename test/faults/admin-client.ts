import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GatewayProcess, ProcessOptions } from './gateway-process.ts';
import type { Scope } from './scope.ts';

const HOUR_MS = 3_600_000;

export interface AdminAnswer {
  readonly status: number;
  readonly json: Record<string, unknown>;
}

export interface AdminGateway {
  readonly gateway: GatewayProcess;
  /** One call of the admin API; `undefined` where no answer came. */
  call(method: string, path: string, body?: unknown): Promise<AdminAnswer | undefined>;
}

/** A gateway whose tenants come from its store alone, with a token that may do everything. */
export async function adminGateway(scope: Scope, options: ProcessOptions = {}): Promise<AdminGateway> {
  const token = `ptc_${randomBytes(32).toString('base64url')}`;
  const tokens = join(scope.directory, 'tokens.jsonl');
  const line = {
    name: 'faults',
    sha256: createHash('sha256').update(token).digest('hex'),
    scopes: ['read', 'write', 'operate'],
    notAfter: new Date(Date.now() + HOUR_MS).toISOString(),
  };
  await writeFile(tokens, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  const gateway = await scope.gateway({
    ...options,
    env: {
      PCS_SIGN_ALG: undefined,
      PCS_HMAC_KEY: undefined,
      ADMIN_TOKENS_FILE: tokens,
      TENANTS_STORE_FILE: join(scope.directory, 'tenants.json'),
      ...options.env,
    },
  });
  return {
    gateway,
    async call(method, path, body) {
      try {
        const answer = await fetch(`http://127.0.0.1:${gateway.port}${path}`, {
          method,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
      } catch {
        return undefined;
      }
    },
  };
}
