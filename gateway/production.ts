import { ConfigError } from '../src/errors.ts';
import type { GatewayConfig } from './config.ts';
import { DEMO_HMAC_KEY } from './demo-tenant.ts';

/** Characters that a shared secret must have in production. */
export const MIN_SECRET_CHARACTERS = 16;

/** Secrets that stand in examples, this project's and others'. */
const DEFAULT_SECRETS: ReadonlySet<string> = new Set([
  DEMO_HMAC_KEY,
  'testsecret',
  'secret',
  'supersecret',
  'changeme',
  'change-me-in-production',
  'password',
  'portcullis',
  'default',
]);

/**
 * Production starts with signatures on, metrics closed and secrets of one's own, or not at all.
 *
 * @throws {ConfigError} PTC_E012 naming what is not safe.
 */
export function checkProductionSafety(config: GatewayConfig): void {
  if (config.metricsAuth === undefined) {
    throw new ConfigError('PTC_E012', 'METRICS_USER', undefined, 'set METRICS_USER and METRICS_PASS');
  }
  checkSecret('METRICS_PASS', config.metricsAuth.password);
  for (const { id, keys } of config.tenants) {
    if (keys === 'none') {
      throw new ConfigError('PTC_E012', `tenant ${id}`, keys, 'give it keys: production takes no unsigned records');
    }
    for (const key of keys) {
      if (key.alg === 'hmac') checkSecret(`tenant ${id} key ${key.id}`, key.key);
    }
  }
}

function checkSecret(option: string, secret: string): void {
  if (secret.length < MIN_SECRET_CHARACTERS || DEFAULT_SECRETS.has(secret.toLowerCase())) {
    throw new ConfigError(
      'PTC_E012',
      option,
      secret,
      `give a secret of ${MIN_SECRET_CHARACTERS} characters or more that stands in no example`,
    );
  }
}
