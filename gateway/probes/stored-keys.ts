import type { Secret } from './needles.ts';

/** A tenant as a configuration or a store has it; the latter is not checked again. */
interface WithKeys {
  readonly id: string;
  readonly keys?: unknown;
}

/** The keys of a tenant that are secrets. */
export function keysOf({ id, keys }: WithKeys): readonly Secret[] {
  if (!Array.isArray(keys)) return [];
  return keys.flatMap((one: { readonly id?: unknown; readonly alg?: unknown; readonly key?: unknown } | null) => {
    // An Ed25519 key is public.
    if (one?.alg !== 'hmac' || typeof one.key !== 'string') return [];
    return [{ name: `key ${String(one.id)} of ${id}`, value: one.key, isTenantKey: true }];
  });
}
