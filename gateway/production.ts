import { encodeBase64 } from '../src/base64.ts';
import { ConfigError } from '../src/errors.ts';
import { createKeyRing, type KeySpec } from '../src/guards/signature/key-ring.ts';
import { edwards25519Tai } from '../src/guards/vrf/ecvrf.ts';
import { checkEach, collectMistakes } from '../src/mistakes.ts';
import type { Stages } from '../src/stage.ts';
import type { TenantSpec } from '../src/tenancy/tenant.ts';
import type { GatewayConfig } from './config.ts';
import { DEMO_HMAC_KEY, DEMO_VRF_SECRET } from './demo-tenant.ts';
import { isOpenToTheNetwork } from './redis/address.ts';
import { gatewayStages } from './stages.ts';

/** Characters that a secret must have in production. */
export const MIN_SECRET_CHARACTERS = 16;
/** Different characters among them. */
export const MIN_DISTINCT_CHARACTERS = 8;

/** Guards without which nothing else can be relied on: whose request it is, and what is kept of it. */
export const ALWAYS_ENFORCED: readonly string[] = Object.freeze([
  'signature',
  'tenant',
  'ledger',
  'inbox',
  'pcs-format',
  'replay',
]);

/** Secrets that stand in examples, this project's and others'. */
const DEFAULT_SECRETS: ReadonlySet<string> = new Set([
  DEMO_HMAC_KEY,
  'a long shared secret',
  'the next shared secret',
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
 * Production starts with signatures on, metrics closed, secrets of one's own and the guards in force that all else
 * stands on, or not at all. Expects tenants that have been checked, each by {@link checkTenantSafety}.
 *
 * @throws {ConfigError} PTC_E012 naming what is not safe.
 */
export function checkProductionSafety(config: GatewayConfig): void {
  if (config.metricsAuth === undefined) {
    throw new ConfigError('PTC_E012', 'METRICS_USER', undefined, 'set METRICS_USER and METRICS_PASS');
  }
  const { user, password } = config.metricsAuth;
  checkSecret('METRICS_PASS', password);
  if (user === password) {
    throw new ConfigError('PTC_E012', 'METRICS_PASS', password, 'give another one than METRICS_USER');
  }
  const { redis } = config.stores;
  if (redis?.password !== undefined && isOpenToTheNetwork(redis)) {
    throw new ConfigError(
      'PTC_E012',
      'REDIS_ADDR',
      'an address',
      'use rediss://: the password would be readable on the network',
    );
  }
  if (config.tenantStore === undefined && config.tenants.every(({ active }) => active === false)) {
    throw new ConfigError(
      'PTC_E012',
      'tenants',
      config.tenants,
      'let at least one be active: all requests would be refused',
    );
  }
  checkEnforced('gateway', gatewayStages(config));
}

/**
 * What production asks of one tenant. Mistakes that the tenant's own check names are passed over.
 *
 * @param name what errors call it
 * @throws {ConfigError} PTC_E012 for everything that is not safe.
 */
export function checkTenantSafety(
  name: string,
  tenant: TenantSpec,
  { metricsPassword, now }: { readonly metricsPassword: string | undefined; readonly now: () => number },
): void {
  const mistakes = collectMistakes();
  const { keys } = tenant;
  if (keys === 'none') {
    const remedy = 'give it keys: production takes no unsigned records';
    mistakes.attempt(() => refuse(name, keys, remedy));
  }
  const list = isSound(keys) ? keys : [];
  if (tenant.active !== false && list.length > 0) mistakes.attempt(() => checkNotPast(`${name}.keys`, list, now()));
  const publicKeys = publicKeysOf(list, tenant.vrf);
  for (const { alg, id, key } of list) {
    if (alg !== 'hmac') continue;
    mistakes.attempt(() => checkSecret(`${name} key ${id}`, key));
    if (publicKeys.includes(key)) {
      mistakes.attempt(() => refuse(`${name} key ${id}`, key, 'give it a secret: this is a public key'));
    }
  }
  if (publicKeys.includes(encodeBase64(edwards25519Tai.publicKey(DEMO_VRF_SECRET)))) {
    const remedy = 'give it a VRF key of its own: anybody can prove with that of the demo';
    mistakes.attempt(() => refuse(`${name}.vrf.publicKey`, {}, remedy));
  }
  if (metricsPassword !== undefined && [...list.map(({ key }) => key), ...publicKeys].includes(metricsPassword)) {
    const remedy = `give a secret of its own: it is also a key of ${name}`;
    mistakes.attempt(() => refuse('METRICS_PASS', metricsPassword, remedy));
  }
  const { stages } = tenant;
  if (typeof stages === 'object' && stages !== null) mistakes.attempt(() => checkEnforced(name, stages));
  mistakes.raise();
}

function refuse(option: string, found: unknown, remedy: string): never {
  throw new ConfigError('PTC_E012', option, found, remedy);
}

function checkNotPast(option: string, keys: readonly KeySpec[], now: number): void {
  if (createKeyRing(keys).keys.some(({ notAfter }) => notAfter >= now)) return;
  refuse(option, keys, 'give it a key whose notAfter is not past, or set active to false');
}

/** Whether keys are what their type says. */
function isSound(keys: unknown): keys is readonly KeySpec[] {
  try {
    createKeyRing(keys as readonly KeySpec[]);
    return true;
  } catch {
    return false;
  }
}

function publicKeysOf(keys: readonly KeySpec[], vrf: TenantSpec['vrf']): readonly string[] {
  const own = keys.filter(({ alg }) => alg === 'ed25519').map(({ key }) => key);
  return vrf?.publicKey instanceof Uint8Array ? [...own, encodeBase64(vrf.publicKey)] : own;
}

function checkEnforced(whose: string, stages: Stages): void {
  const weakened = ALWAYS_ENFORCED.filter((guard) => Object.hasOwn(stages, guard) && stages[guard] !== 'enforce');
  checkEach(weakened, (guard) => refuse(`${whose}.stages.${guard}`, stages[guard], 'leave it out, or use enforce'));
}

function checkSecret(option: string, secret: string): void {
  const isWeak =
    secret.length < MIN_SECRET_CHARACTERS ||
    new Set(secret).size < MIN_DISTINCT_CHARACTERS ||
    2 * periodOf(secret) <= secret.length ||
    isMostlySequence(secret) ||
    DEFAULT_SECRETS.has(secret.trim().toLowerCase());
  if (!isWeak) return;
  const remedy = `give a secret of ${MIN_SECRET_CHARACTERS} characters or more, ${MIN_DISTINCT_CHARACTERS} different ones among them, that does not repeat itself, is no alphabet and stands in no example`;
  refuse(option, secret, remedy);
}

/** Whether most characters come right before, right after or again after the one in front: `abcdefgh`, `12345678`. */
function isMostlySequence(text: string): boolean {
  let steps = 0;
  for (let at = 1; at < text.length; at++) {
    if (Math.abs(text.charCodeAt(at) - text.charCodeAt(at - 1)) <= 1) steps++;
  }
  return 2 * steps >= text.length;
}

/** Length of the shortest beginning that makes the whole by being repeated (Knuth, Morris, Pratt 1977). */
function periodOf(text: string): number {
  const borders = new Array<number>(text.length).fill(0);
  for (let at = 1, border = 0; at < text.length; at++) {
    while (border > 0 && text[at] !== text[border]) border = borders[border - 1] ?? 0;
    if (text[at] === text[border]) border++;
    borders[at] = border;
  }
  return text.length - (borders.at(-1) ?? 0);
}
