import { signedBody, type Wire, wireRecord } from '../helpers/pcs.ts';
import { HMAC_KEY, type Scope } from './scope.ts';

/** Signed records whose ids belong to this scope alone. */
export async function signedBodies(
  scope: Scope,
  count: number,
  { key = HMAC_KEY, prefix = '' }: { readonly key?: string; readonly prefix?: string } = {},
): Promise<string[]> {
  const bodies: string[] = [];
  for (let at = 0; at < count; at++) bodies.push(await signedBody(scopedRecord(scope, `${prefix}${at}`, at), key));
  return bodies;
}

/** One unsigned record of this scope. */
export function scopedRecord(scope: Scope, name: string, at = 0): Wire {
  return wireRecord({ shard_id: `${scope.id}:${name}` }, at % 510);
}
