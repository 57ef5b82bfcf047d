import { TENANT_ID } from '../../src/tenancy/tenant.ts';
import type { AdminAction } from './audit.ts';
import type { Scope } from './tokens.ts';

/** Where the admin API is. */
export const ADMIN_PATH = '/v1/tenants';

/** What a path and a method ask for. */
export interface AdminRoute {
  readonly action: AdminAction;
  readonly scope: Scope;
  /** The tenant that the path names. */
  readonly id?: string;
  /** The key that the path names. */
  readonly keyId?: string;
}

/** A path that there is, with methods that it has. */
export interface AdminPath {
  readonly methods: Readonly<Record<string, AdminRoute>>;
}

const KEY_ID = /^[A-Za-z0-9._:-]{1,64}$/;

/** The routes of a path; `undefined` where there is none. Ids need no escapes, so escapes name nothing. */
export function adminPath(path: string): AdminPath | undefined {
  if (path === ADMIN_PATH) {
    return methods({ GET: { action: 'list', scope: 'read' }, POST: { action: 'create', scope: 'write' } });
  }
  if (!path.startsWith(`${ADMIN_PATH}/`)) return undefined;
  const [id = '', part, keyId, ...rest] = path.slice(ADMIN_PATH.length + 1).split('/');
  if (!TENANT_ID.test(id) || rest.length > 0) return undefined;
  if (part === undefined) {
    return methods({
      GET: { action: 'read', scope: 'read', id },
      PUT: { action: 'replace', scope: 'write', id },
      PATCH: { action: 'patch', scope: 'write', id },
    });
  }
  if (part === 'keys' && keyId !== undefined) {
    return KEY_ID.test(keyId) ? methods({ DELETE: { action: 'remove_key', scope: 'operate', id, keyId } }) : undefined;
  }
  if (keyId !== undefined) return undefined;
  if (part === 'keys') return methods({ POST: { action: 'add_key', scope: 'operate', id } });
  if (part === 'activate' || part === 'deactivate') {
    return methods({ POST: { action: part, scope: 'operate', id } });
  }
  return undefined;
}

function methods(routes: Readonly<Record<string, AdminRoute>>): AdminPath {
  return { methods: routes.GET === undefined ? routes : { ...routes, HEAD: routes.GET } };
}
