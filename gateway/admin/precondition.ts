import type { AdminAction } from './audit.ts';
import type { Refusal } from './refusal.ts';

/** Changes that are made of what was read before: blindly, they would undo what somebody else has done meanwhile. */
const NEEDS_IF_MATCH: readonly AdminAction[] = ['replace', 'patch'];
const TAG = /^"[\x21\x23-\x7e]*"$/;

/** The entity tag of a revision. */
export function entityTag(revision: number): string {
  return `"${revision}"`;
}

/** Why a change of a tenant at a revision must not be made; RFC 9110 section 13.1.1, RFC 6585 section 3. */
export function failedPrecondition(
  ifMatch: string | undefined,
  action: AdminAction,
  revision: number,
): Refusal | undefined {
  if (ifMatch === undefined) {
    if (!NEEDS_IF_MATCH.includes(action)) return undefined;
    return { code: 'PTC_D905', detail: 'Read the tenant first, and send its ETag as If-Match.' };
  }
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  // Weak tags never match here, and what is no tag does not either; nor does a list with a `*` in it, which no client means.
  const isAny = tags.includes('*');
  const isMatch = isAny ? tags.length === 1 : tags.some((tag) => TAG.test(tag) && tag === entityTag(revision));
  if (isMatch) return undefined;
  return {
    code: 'PTC_D904',
    detail: 'Somebody else has changed it: read it again.',
    headers: { etag: entityTag(revision) },
  };
}
