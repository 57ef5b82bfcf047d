import { ConfigError } from '../../src/errors.ts';
import { parseJson } from '../../src/json.ts';
import { parseMediaType } from '../../src/media-type.ts';
import { fromUtf8 } from '../../src/utf8.ts';
import type { AdminAction } from './audit.ts';
import type { AdminCall } from './call.ts';
import { type Refusal, refusalOf } from './refusal.ts';

/** Largest body of a call, in bytes: a tenant with all keys that it may have fits well. */
export const MAX_ADMIN_BODY_BYTES = 65_536;

const MERGE_PATCH = 'application/merge-patch+json';
/** What a database would not keep as it is. */
const NOT_STORABLE = /[\0\p{Cs}]/u;

/** The JSON of a call, or why it is none. */
export type AdminBody = { readonly value: unknown } | { readonly refusal: Refusal };

/** Reads the body as JSON, as strictly as submissions are read. */
export async function readAdminBody(call: AdminCall, action: AdminAction): Promise<AdminBody> {
  const type = call.header('content-type');
  const accepted = action === 'patch' ? [MERGE_PATCH, 'application/json'] : ['application/json'];
  if (type !== undefined && !accepted.includes(parseMediaType(type)?.type ?? '')) {
    return { refusal: { code: 'PTC_D104', detail: `Send ${accepted.join(' or ')}.` } };
  }
  const body = await call.body();
  if (!body.ok) return { refusal: { code: body.code } };
  const text = fromUtf8(body.bytes);
  if (text === undefined) return { refusal: { code: 'PTC_D106' } };
  const result = parseJson(text);
  if (!result.ok) return { refusal: { code: result.code } };
  const { value } = result.document;
  if (isStorable(value)) return { value };
  const remedy = 'give texts without the character U+0000 and without halves of surrogate pairs';
  return { refusal: refusalOf(new ConfigError('PTC_E003', 'body', value, remedy)) };
}

/** Nested as deep as the parser lets it be. */
function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !NOT_STORABLE.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, member]) => isStorable(name) && isStorable(member));
}
