import { ConfigError } from '../../src/errors.ts';
import type { TenantBook, TenantChange } from '../tenants/book.ts';
import type { TenantJson } from '../tenants/store.ts';
import type { AdminEffect } from './audit.ts';
import {
  addKey,
  type Edit,
  keyCount,
  newTenant,
  patchSettings,
  removeKey,
  replaceSettings,
  setActive,
} from './edit.ts';
import { failedPrecondition } from './precondition.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import type { AdminRoute } from './routes.ts';

/** What a call is to change, checked; or the tenant that stays as it is; or why nothing is to be changed. */
export type Plan =
  | { readonly prepared: TenantChange; readonly effect: AdminEffect; readonly id: string }
  | { readonly unchanged: string }
  | { readonly refusal: Refusal };

/** Turns a call into a change of the book as it is now. Changes nothing. */
export function planChange(
  book: TenantBook,
  route: AdminRoute,
  body: unknown,
  ifMatch: string | undefined,
  now: number,
): Plan {
  try {
    const edit = route.action === 'create' ? create(book, body) : edited(book, route, body, ifMatch, now);
    if ('refusal' in edit) return edit;
    const { json, changed, keys } = edit;
    const isNew = route.action === 'create';
    if (!isNew && changed.length === 0) return { unchanged: json.id };
    const prepared = book.prepare(json);
    return { prepared, effect: { revision: prepared.stored.revision, changed, keys }, id: json.id };
  } catch (error) {
    if (error instanceof ConfigError) return { refusal: refusalOf(error) };
    throw error;
  }
}

type Edited = Edit | { readonly refusal: Refusal };

function create(book: TenantBook, body: unknown): Edited {
  const edit = newTenant(body);
  const { id } = edit.json;
  const isTaken = book.directory.find(id) !== undefined || book.stored(id) !== undefined;
  if (isTaken) return { refusal: { code: 'PTC_D902' } };
  return edit;
}

function edited(
  book: TenantBook,
  { action, id = '', keyId = '' }: AdminRoute,
  body: unknown,
  ifMatch: string | undefined,
  now: number,
): Edited {
  const stored = book.stored(id);
  if (stored === undefined) {
    const isConfigured = book.directory.find(id) !== undefined;
    if (!isConfigured) return { refusal: { code: 'PTC_D110', detail: 'There is no such tenant.' } };
    return { refusal: { code: 'PTC_D903', detail: 'It stands in the configuration of the gateway: change it there.' } };
  }
  const failed = failedPrecondition(ifMatch, action, stored.revision);
  if (failed) return { refusal: failed };
  const tenant = stored.spec;
  switch (action) {
    case 'replace':
      return replaceSettings(tenant, body);
    case 'patch':
      return patchSettings(tenant, body);
    case 'add_key':
      return addKey(tenant, body, now);
    case 'remove_key':
      return withoutKey(tenant, keyId);
    default:
      return setActive(tenant, action === 'activate');
  }
}

function withoutKey(tenant: TenantJson, keyId: string): Edited {
  const edit = removeKey(tenant, keyId);
  if (edit === undefined) return { refusal: { code: 'PTC_D110', detail: 'There is no such key.' } };
  if (keyCount(edit.json) > 0) return edit;
  return { refusal: { code: 'PTC_D906', detail: 'Add another one first, or deactivate the tenant.' } };
}
