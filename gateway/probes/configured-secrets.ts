import { existsSync } from 'node:fs';
import { decodeBase64 } from '../../src/base64.ts';
import type { GatewayConfig } from '../config.ts';
import { badVariable, type Env, readText } from '../env.ts';
import { readSettingsFile } from '../settings-file.ts';
import { readTenantFile } from '../tenants/file-store.ts';
import type { Secret } from './needles.ts';
import { keysOf } from './stored-keys.ts';

/** Variables whose values are secrets, with those of the tenants. */
const SECRETS = ['METRICS_PASS', 'PCS_HMAC_KEY', 'PCS_HMAC_KEYS'] as const;
const CONNECTIONS = ['POSTGRES_CONN', 'POSTGRES_OPS_CONN', 'POSTGRES_MIGRATE_CONN', 'REDIS_ADDR'] as const;

/**
 * The secrets that a gateway's configuration names: passwords, keys of tenants, those of a file that they are kept in too, and the
 * key of its ledger. Tokens of the admin API are not known to a gateway, and found by how they look.
 *
 * @throws {ConfigError} if a file cannot be read: what is in it could not be looked for.
 */
export async function configuredSecrets(env: Env, config: GatewayConfig): Promise<readonly Secret[]> {
  const secrets: Secret[] = SECRETS.flatMap((name) =>
    (readText(env, name) ?? '').split(',').flatMap((value) => (value === '' ? [] : [{ name, value }])),
  );
  for (const name of CONNECTIONS) {
    const text = readText(env, name);
    const password = text !== undefined && URL.canParse(text) ? decodeURIComponent(new URL(text).password) : '';
    if (password !== '') secrets.push({ name: `password in ${name}`, value: password });
  }
  const stored = config.tenantStore?.kind === 'file' ? await readTenantFile(config.tenantStore.path) : [];
  return [
    ...secrets,
    ...[...config.tenants, ...stored.map(({ spec }) => spec)].flatMap(keysOf),
    ...ledgerKey(config.ledger.keyFile),
  ];
}

/** The seed: its base64 with whatever stands before it is one of the forms that it is looked for in, the file's own too. */
function ledgerKey(path: string): readonly Secret[] {
  // Made at the first start.
  if (!existsSync(path)) return [];
  const env = { LEDGER_KEY_FILE: path };
  const remedy = 'let the probe read the file, or it cannot look for the key';
  const text = readSettingsFile(env, 'LEDGER_KEY_FILE', remedy).trim();
  const bytes = decodeBase64(text.split('+').slice(4).join('+'));
  if (bytes === undefined || bytes.length < 2) throw badVariable(env, 'LEDGER_KEY_FILE', 'the file must hold a key');
  return [{ name: 'LEDGER_KEY_FILE', value: bytes.slice(1) }];
}
