import { ConfigError } from '../../src/errors.ts';
import type { KeySpec } from '../../src/guards/signature/key-ring.ts';
import { checkEach, collectMistakes } from '../../src/mistakes.ts';
import { knownOptions, numberOption } from '../../src/options.ts';
import { CLEAN_SECRET, isCleanSecret } from '../env.ts';
import type { TenantJson } from '../tenants/store.ts';
import { mergePatch } from './merge-patch.ts';
import { SETTINGS, settingsOf } from './settings.ts';

/** What becomes of a tenant, not yet checked, and what that changes. */
export interface Edit {
  readonly json: TenantJson;
  readonly changed: readonly string[];
  /** Keys that come, go or end, by their ids. */
  readonly keys: readonly string[];
}

/** Most seconds that keys may overlap: a year. */
export const MAX_OVERLAP_SECONDS = 31_536_000;

const KEY_FIELDS = ['id', 'alg', 'key', 'notBefore', 'notAfter', 'overlapSeconds'] as const;

/** A new tenant, in the form of the tenants file. */
export function newTenant(body: unknown): Edit {
  const json = objectAt('tenant', body) as TenantJson;
  if (typeof json.id !== 'string') throw new ConfigError('PTC_E002', 'tenant.id', json.id, 'give an id');
  const { keys } = json;
  if (Array.isArray(keys)) checkEach(keys.entries(), ([at, key]) => checkSecret(`tenant.keys[${at}]`, key));
  return { json, changed: Object.keys(json).filter((name) => SETTINGS.includes(name)), keys: idsOf(json) };
}

/** All settings anew: what the body does not name has its default. */
export function replaceSettings(tenant: TenantJson, body: unknown): Edit {
  const settings = objectAt('tenant', body);
  knownOptions('tenant', settings, SETTINGS);
  const { id, keys, active } = tenant;
  return edited(tenant, { id, keys, ...(active !== undefined && { active }), ...settings });
}

/** Some settings anew, by a merge patch: `null` takes one away. */
export function patchSettings(tenant: TenantJson, body: unknown): Edit {
  const patch = objectAt('tenant', body);
  knownOptions('tenant', patch, SETTINGS);
  return replaceSettings(tenant, mergePatch(settingsOf(tenant), patch));
}

/**
 * One more key. With `overlapSeconds` the others end so long after it begins, where they would not end sooner: a
 * rotation in which no agent is refused that takes up the new key in time.
 */
export function addKey(tenant: TenantJson, body: unknown, now: number): Edit {
  const fields = objectAt('key', body);
  const mistakes = collectMistakes();
  mistakes.attempt(() => knownOptions('key', fields, KEY_FIELDS));
  mistakes.attempt(() => checkSecret('key', fields));
  const overlap = mistakes.attempt(() =>
    numberOption('key.overlapSeconds', fields.overlapSeconds, Infinity, {
      min: 0,
      max: MAX_OVERLAP_SECONDS,
      integer: true,
    }),
  );
  mistakes.raise();
  const { overlapSeconds, ...key } = fields;
  const begins = Math.max(now, momentOf(key.notBefore) ?? now);
  const ends = lastMoment(begins + 1000 * (overlap ?? Infinity));
  const ended: string[] = [];
  const others = keysOf(tenant).map((other) => {
    const isLater = (momentOf(other.notBefore) ?? 0) > ends;
    if (isLater || (momentOf(other.notAfter) ?? Infinity) <= ends) return other;
    ended.push(other.id);
    return { ...other, notAfter: new Date(ends).toISOString() };
  });
  return { json: { ...tenant, keys: [...others, key] }, changed: ['keys'], keys: [String(key.id), ...ended] };
}

/** Without that key; `undefined` if there is none of that id. */
export function removeKey(tenant: TenantJson, keyId: string): Edit | undefined {
  const keys = keysOf(tenant);
  const left = keys.filter(({ id }) => id !== keyId);
  if (left.length === keys.length) return undefined;
  return { json: { ...tenant, keys: left }, changed: ['keys'], keys: [keyId] };
}

/** Active or not; no change where it is so already. */
export function setActive(tenant: TenantJson, active: boolean): Edit {
  const { active: _before, ...others } = tenant;
  const isSame = (tenant.active !== false) === active;
  return { json: { ...others, ...(!active && { active }) } as TenantJson, changed: isSame ? [] : ['active'], keys: [] };
}

/** How many keys a tenant has. */
export function keyCount(tenant: TenantJson): number {
  return keysOf(tenant).length;
}

function edited(before: TenantJson, json: TenantJson): Edit {
  const changed = SETTINGS.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(json[name]));
  return { json, changed, keys: [] };
}

/** What was kept has been checked: an array, or `none`. */
function keysOf({ keys }: TenantJson): readonly KeySpec[] {
  return Array.isArray(keys) ? keys : [];
}

function idsOf(tenant: TenantJson): readonly string[] {
  return keysOf(tenant).map((key: Partial<KeySpec> | null) => String(key?.id));
}

/** `undefined` where there is no time, or none that is one: that is for the key's own check to say. */
function momentOf(time: unknown): number | undefined {
  const ms = typeof time === 'string' ? Date.parse(time.toUpperCase()) : time;
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : undefined;
}

/** No date is so far away that it could not be written. */
function lastMoment(ms: number): number {
  return Number.isNaN(new Date(ms).getTime()) ? Infinity : ms;
}

/** A blank that a shell left behind a secret is seen by nobody. */
function checkSecret(option: string, key: unknown): void {
  const { alg, key: secret } = (key ?? {}) as Partial<KeySpec>;
  if (alg !== 'hmac' || typeof secret !== 'string' || isCleanSecret(secret)) return;
  throw new ConfigError('PTC_E008', `${option}.key`, secret, CLEAN_SECRET);
}

function objectAt(option: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ConfigError('PTC_E002', option, value, 'give an object');
}
