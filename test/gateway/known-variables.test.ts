import { expect, test } from 'vitest';
import { readConfig } from '../../gateway/config.ts';

test.each<[string, RegExp]>([
  ['PCS_HMAC_KYE', /use one of PCS_SIGN_ALG, PCS_HMAC_KEY, PCS_HMAC_KEYS, PCS_ED25519_PUB_B64, or/],
  ['PORTCULLIS_PORT', /use PORTCULLIS_ENV, or take it away/],
  ['VRF_KEY', /use one of VRF_PUB_B64, VRF_ENABLED, VRF_MODE, or/],
  ['WORM_DIR', /use one of WORM_BASE_DIR, WORM_MAX_SEGMENT_SIZE, or/],
  ['WAL_BASE_DIR', /use one of WAL_DIR, WAL_MAX_BYTES, or/],
  ['METRICS_PASSWORD', /use one of METRICS_USER, METRICS_PASS, or/],
  ['TENANTS_FIEL', /use one of TENANTS, TENANTS_FILE, TENANTS_STORE, TENANTS_STORE_FILE, or/],
  ['ADMIN_TOKENS', /use ADMIN_TOKENS_FILE, or/],
  ['PII_MODE', /use PII_SCAN_MODE, or/],
  ['PII_SCAN_MODES', /use PII_SCAN_MODE, or/],
  ['STRICT', /use STRICT_MODE, or/],
  ['STRICT_MODES', /use STRICT_MODE, or/],
  ['TOKEN_RATES', /use TOKEN_RATE, or/],
  ['DAILY_QUOTAS', /use DAILY_QUOTA, or/],
  ['TRUST_PROXIES', /use TRUST_PROXY, or/],
  ['MULTI_TENANTS', /use MULTI_TENANT, or/],
  ['POLICY_REGISTRI', /use POLICY_REGISTRY, or/],
  ['DEDUP_STORE', /use DEDUP_BACKEND, or/],
  ['RATE_STORE', /use one of RATE_BACKEND, RATE_COOLDOWN, RATE_INSURANCE, or/],
  ['POSTGRES_CONNECTION', /use one of POSTGRES_CONN, POSTGRES_OPS_CONN, /],
  ['REDIS_ADDRESS', /use one of REDIS_ADDR, REDIS_PREFIX, or/],
  ['DEFAULT_TENANTS', /use DEFAULT_TENANT, or/],
])('%s is none of ours and begins like one: refused, with the names there are', (name, message) => {
  const read = (): unknown => readConfig({ [name]: 'canary-value' });
  expect(read).toThrow(message);
  expect(read).toThrow(new RegExp(`^PTC_E011 [^\\n]*: ${name} is a string of 12 characters; [^\\n]*$`));
  expect(read).not.toThrow(/canary/);
});

test('an unknown variable that is empty, and what Kubernetes sets for a service, are let be', () => {
  const env = {
    PCS_HMAC_KYE: '',
    PII_MODE: '',
    PORTCULLIS_SERVICE_HOST: '10.0.0.11',
    PORTCULLIS_SERVICE_PORT_HTTP: '8080',
    PORTCULLIS_PORT: 'tcp://10.0.0.11:8080',
    PORTCULLIS_PORT_8080_TCP_ADDR: '10.0.0.11',
    PII_SERVICE_HOST: '10.0.0.12',
    DEDUP_PORT: 'tcp://10.0.0.12:6379',
    REDIS_PORT: 'tcp://10.0.0.12:6379',
    REDIS_URL: 'redis://somebody-else',
    POSTGRES_PASSWORD: 'of somebody else',
  };
  expect(readConfig(env).port).toBe(8080);
});

test('variables of others, however near, are let be', () => {
  const foreign = [
    'STRICTNESS',
    'STRICT_SSL',
    'TOKEN',
    'TOKEN_FILE',
    'DAILY_REPORT',
    'TRUST_STORE',
    'MULTI',
    'WALG_S3',
  ];
  const more = ['POLICY_FILE', 'DEFAULT_REGION', 'DEDUPLICATE', 'PIIGUARD', 'HOSTNAME', 'PORTS', 'npm_config_strict'];
  const env = Object.fromEntries([...foreign, ...more].map((name) => [name, 'x']));
  expect(readConfig(env).isDemo).toBe(true);
});
