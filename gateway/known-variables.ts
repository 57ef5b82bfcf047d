import { badVariable, type Env, readText } from './env.ts';

/** Variables by how a name begins that can only be meant for us: any other one that begins so is a typing error. */
const KNOWN: readonly (readonly [begins: RegExp, known: readonly string[]])[] = [
  [/^PCS_/, ['PCS_SIGN_ALG', 'PCS_HMAC_KEY', 'PCS_HMAC_KEYS', 'PCS_ED25519_PUB_B64']],
  [/^PORTCULLIS_/, ['PORTCULLIS_ENV']],
  [/^VRF_/, ['VRF_PUB_B64', 'VRF_ENABLED', 'VRF_MODE']],
  [/^WAL_/, ['WAL_DIR', 'WAL_MAX_BYTES']],
  [/^WORM_/, ['WORM_BASE_DIR', 'WORM_MAX_SEGMENT_SIZE']],
  [
    /^LEDGER_/,
    [
      'LEDGER_KEY_FILE',
      'LEDGER_SIGNED_FILE',
      'LEDGER_ORIGIN',
      'LEDGER_CHECKPOINT_SECONDS',
      'LEDGER_ANCHOR',
      'LEDGER_RETENTION_DAYS',
    ],
  ],
  [/^METRICS_/, ['METRICS_USER', 'METRICS_PASS']],
  [/^TENANTS/, ['TENANTS', 'TENANTS_FILE', 'TENANTS_STORE', 'TENANTS_STORE_FILE']],
  [/^ADMIN_TOKENS/, ['ADMIN_TOKENS_FILE']],
  [/^MULTI_TENANT/, ['MULTI_TENANT']],
  [/^DEFAULT_TENANT/, ['DEFAULT_TENANT']],
  [/^TOKEN_RATE/, ['TOKEN_RATE']],
  [/^DAILY_QUOTA/, ['DAILY_QUOTA']],
  [/^PII_/, ['PII_SCAN_MODE']],
  // What else begins with STRICT is too common a word.
  [/^STRICT(_MODE|$)/, ['STRICT_MODE']],
  [/^POLICY_REGIST/, ['POLICY_REGISTRY']],
  [/^DEDUP_/, ['DEDUP_BACKEND']],
  [/^TRUST_PROX/, ['TRUST_PROXY']],
  [/^RATE_/, ['RATE_BACKEND', 'RATE_COOLDOWN', 'RATE_INSURANCE']],
  // Other programs have variables that begin with REDIS or POSTGRES too.
  [/^REDIS_(ADDR|PREFIX)/, ['REDIS_ADDR', 'REDIS_PREFIX']],
  [
    /^POSTGRES_(CONN|OPS|MIGRATE|OWNER|APP)/,
    [
      'POSTGRES_CONN',
      'POSTGRES_OPS_CONN',
      'POSTGRES_MIGRATE_CONN',
      'POSTGRES_OWNER_ROLE',
      'POSTGRES_APP_ROLE',
      'POSTGRES_OPS_ROLE',
    ],
  ],
];

/** Kubernetes sets `NAME_SERVICE_HOST`, `NAME_PORT` and the like for every service of the namespace. */
const SERVICE_NAME = /_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;
const SERVICE_URL = /^(tcp|udp|sctp):\/\//;

/**
 * A variable that nobody reads would leave its writer believing that it is in force.
 *
 * @throws {ConfigError} PTC_E011 naming it and the ones that there are.
 */
export function refuseUnknownVariables(env: Env): void {
  for (const name of Object.keys(env)) {
    const value = readText(env, name);
    if (value === undefined || SERVICE_NAME.test(name) || (name.endsWith('_PORT') && SERVICE_URL.test(value))) continue;
    const known = KNOWN.find(([begins]) => begins.test(name))?.[1];
    if (known === undefined || known.includes(name)) continue;
    const shown = name.replaceAll(/\W/g, '?').slice(0, 64);
    const remedy = `use ${known.length === 1 ? '' : 'one of '}${known.join(', ')}, or take it away`;
    throw badVariable({ [shown]: value }, shown, remedy);
  }
}
