import { copyBytes } from './bytes.ts';
import type { VrfKey, VrfSuite } from './suite.ts';

/**
 * Keeps up to `size` prepared keys, the least recently used leaving first. Looked up by content, because an array that
 * a caller reuses for another key must not find the old one. Constant time and space per key.
 */
export function vrfKeyCache(
  suite: Pick<VrfSuite, 'prepare' | 'publicKeyBytes'>,
  size: number,
): (publicKey: Uint8Array) => VrfKey {
  const keys = new Map<string, VrfKey>();
  return (publicKey) => {
    const key = copyBytes('public key', publicKey);
    // Of another length it is refused at once, and may be large.
    if (size === 0 || key.length !== suite.publicKeyBytes) return suite.prepare(key);
    const id = String.fromCharCode(...key);
    const known = keys.get(id);
    if (known !== undefined) {
      keys.delete(id);
      keys.set(id, known);
      return known;
    }
    const prepared = suite.prepare(key);
    keys.set(id, prepared);
    if (keys.size > size) keys.delete(keys.keys().next().value as string);
    return prepared;
  };
}
