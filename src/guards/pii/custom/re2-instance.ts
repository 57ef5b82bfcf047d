import { createRequire } from 'node:module';
import { ConfigError } from '../../../errors.ts';

/** A compiled pattern inside re2-wasm. `delete` gives its memory back; nothing else does. */
export interface WasmPattern {
  ok(): boolean;
  /** `index` counts code points, -1 for no match; so does `start`. */
  match(text: string, start: number, groups: boolean): { readonly match: string; readonly index: number };
  delete(): void;
}

/** One WebAssembly instance with a heap of its own. */
export interface Re2Instance {
  readonly WrappedRE2: new (source: string, ignoreCase: boolean, multiline: boolean, dotAll: boolean) => WasmPattern;
}

const MODULE = 're2-wasm/build/wasm/re2.js';

/**
 * Loads re2-wasm anew: its heap is shared with nobody, and gone with the last pattern that is held. Node only, since the
 * package reads its own files; this is why the file may import `node:module`. Takes some 15 ms.
 *
 * @throws {ConfigError} if the package is not installed.
 */
export function loadRe2(): Re2Instance {
  // A require function of its own each time: it keeps what it loaded.
  const require = createRequire(import.meta.url);
  let path: string;
  try {
    path = require.resolve(MODULE);
  } catch {
    throw new ConfigError('PTC_E016', 're2-wasm', undefined, 'install re2-wasm 1.0.2, or use portcullis/pii-re2js');
  }
  const shared = require.cache[path];
  delete require.cache[path];
  try {
    return require(path) as Re2Instance;
  } finally {
    if (shared === undefined) delete require.cache[path];
    else require.cache[path] = shared;
  }
}
