import { OUTPUT_BYTES, POINT_BYTES } from './decode.ts';
import { kernelModule } from './kernel-module.ts';
import type { VrfReason } from './suite.ts';
import { TABLE_AT_USE } from './table-at.ts';

/** Keys whose tables are kept, 42 kB each; the least recently used makes room. */
export const KEY_TABLES = 64;
/** Keys that stay decoded, some 500 bytes each. Two uses of a key count as such while it is among them. */
export const KNOWN_KEYS = 1_024;
/** Unit in which memory grows. */
const PAGE_BYTES = 65_536;

/** Layout of the area at `io`, as kernel.as has it. */
const PROOF_AT = 32;
const BETA_AT = 112;
const ENCODED_AT = 176;
const MINUS_KEY_AT = 304;
const MINUS_KEY_BYTES = 80;
const CHUNK_AT = 384;

/** What `verify` of the kernel answers besides 0 for valid. */
const REASONS: readonly VrfReason[] = ['challenge', 'gamma-encoding', 's-range', 'no-hash-point', 'challenge'];

/** How alpha becomes a point: the two suites on this curve differ in nothing else. */
export type Hashing = 'TAI' | 'ELL2';
const SUITE_STRINGS: Readonly<Record<Hashing, number>> = { TAI: 3, ELL2: 4 };

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly io: WebAssembly.Global;
  readonly chunk: WebAssembly.Global;
  readonly tableBytes: WebAssembly.Global;
  heap(): number;
  decodeKey(): number;
  buildKeyTable(table: number): void;
  begin(suite: number): void;
  absorb(count: number): void;
  verify(table: number): number;
}

/** A decoded and checked key. */
export interface KernelKey {
  readonly bytes: Uint8Array;
  /** Minus the point in the kernel's own form. */
  readonly minusKey: Uint8Array;
  /** Since it last had a table. */
  uses: number;
  /** When it was last used, in verifications of its kernel. */
  lastUse: number;
  /** Address of its table; 0 for none. */
  table: number;
}

/** Encodings of what a verification computed on its way, for comparison with other implementations. */
export interface Intermediates {
  readonly h: Uint8Array;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
  readonly clearedGamma: Uint8Array;
}

/**
 * Verification of edwards25519 proofs in WebAssembly. One instance computes one thing at a time, which synchronous calls
 * ensure. It never sees a secret. Memory is that of one module and at most {@link KEY_TABLES} tables.
 */
export class Kernel {
  readonly #exports: Exports;
  readonly #io: number;
  readonly #chunk: number;
  readonly #heap: number;
  readonly #tableBytes: number;
  readonly #maxTables: number;
  /** By content, the least recently used first. */
  readonly #known = new Map<string, KernelKey>();
  /** Whose table is at each place; `undefined` where none was finished. */
  readonly #owners: (KernelKey | undefined)[] = [];
  #now = 0;
  #bytes: Uint8Array;

  constructor(module: WebAssembly.Module, { tables = KEY_TABLES }: { readonly tables?: number } = {}) {
    this.#maxTables = tables;
    const exports = new WebAssembly.Instance(module, {}).exports as unknown as Exports;
    this.#exports = exports;
    this.#io = exports.io.value;
    this.#chunk = exports.chunk.value;
    this.#tableBytes = exports.tableBytes.value;
    this.#heap = exports.heap();
    this.#bytes = new Uint8Array(exports.memory.buffer);
  }

  /** Decodes a key of 32 bytes, or finds it among those that it knows. */
  key(bytes: Uint8Array): KernelKey | VrfReason {
    const id = String.fromCharCode(...bytes);
    const known = this.#known.get(id);
    if (known !== undefined) {
      this.#known.delete(id);
      this.#known.set(id, known);
      return known;
    }
    this.#view().set(bytes, this.#io);
    const fault = this.#exports.decodeKey();
    if (fault !== 0) return fault === 1 ? 'key-encoding' : 'key-small-order';
    const minusKey = this.#slice(MINUS_KEY_AT, MINUS_KEY_BYTES);
    const key: KernelKey = { bytes: Uint8Array.from(bytes), minusKey, uses: 0, lastUse: 0, table: 0 };
    this.#known.set(id, key);
    if (this.#known.size > KNOWN_KEYS) this.#known.delete(this.#known.keys().next().value as string);
    return key;
  }

  /** Verifies a proof of 80 bytes; beta, or why there is none. No other code may reach or change `alpha`. */
  verify(key: KernelKey, alpha: Uint8Array, pi: Uint8Array, hashing: Hashing = 'TAI'): Uint8Array | VrfReason {
    const table = this.#tableOf(key);
    const code = this.#run(key, table, alpha, pi, hashing);
    return code === 0 ? this.#slice(BETA_AT, OUTPUT_BYTES) : REASONS[code]!;
  }

  /** Builds the table of a key now, for one that is going to be used often. */
  buildTable(key: KernelKey): void {
    key.uses = TABLE_AT_USE - 1;
    this.#tableOf(key);
  }

  /** What a verification computes besides beta; `undefined` where it ends before. For tests. */
  intermediates(
    key: KernelKey,
    alpha: Uint8Array,
    pi: Uint8Array,
    hashing: Hashing = 'TAI',
  ): Intermediates | undefined {
    const code = this.#run(key, this.#tableOf(key), alpha, pi, hashing);
    if (code !== 0 && REASONS[code] !== 'challenge') return undefined;
    const [h, u, v, clearedGamma] = [0, 1, 2, 3].map((at) => this.#slice(ENCODED_AT + at * POINT_BYTES, POINT_BYTES));
    return { h: h!, u: u!, v: v!, clearedGamma: clearedGamma! };
  }

  /** What this kernel takes; it never shrinks. */
  get memoryBytes(): number {
    return this.#bytes.length;
  }

  #run(key: KernelKey, table: number, alpha: Uint8Array, pi: Uint8Array, hashing: Hashing): number {
    const bytes = this.#view();
    const io = this.#io;
    bytes.set(key.bytes, io);
    bytes.set(key.minusKey, io + MINUS_KEY_AT);
    bytes.set(pi, io + PROOF_AT);
    this.#exports.begin(SUITE_STRINGS[hashing]);
    const chunk = this.#chunk;
    for (let at = 0; at < alpha.length; at += chunk) {
      const part = alpha.subarray(at, at + chunk);
      bytes.set(part, io + CHUNK_AT);
      this.#exports.absorb(part.length);
    }
    return this.#exports.verify(table);
  }

  /** The table of a key, built at its second use; 0 for none. */
  #tableOf(key: KernelKey): number {
    key.lastUse = ++this.#now;
    if (key.table !== 0 || ++key.uses < TABLE_AT_USE) return key.table;
    const place = this.#place();
    if (place < 0) return 0;
    const owner = this.#owners[place];
    if (owner !== undefined) owner.table = 0;
    // Nobody's until it is finished, because a stack overflow can interrupt it: with the table of another key, that key's proofs pass.
    this.#owners[place] = undefined;
    const table = this.#heap + place * this.#tableBytes;
    this.#view().set(key.minusKey, this.#io + MINUS_KEY_AT);
    this.#exports.buildKeyTable(table);
    this.#owners[place] = key;
    key.table = table;
    key.uses = 0;
    return table;
  }

  /** Where one more table goes: a new place, one that is nobody's, or the one used least recently; -1 for none. */
  #place(): number {
    const owners = this.#owners;
    if (owners.length < this.#maxTables && this.#grow(owners.length + 1)) return owners.push(undefined) - 1;
    let place = owners.length - 1;
    for (const [at, owner] of owners.entries()) {
      if ((owner?.lastUse ?? 0) < (owners[place]?.lastUse ?? 0)) place = at;
    }
    return place;
  }

  /** Makes memory for so many tables; `false` where it does not grow. */
  #grow(tables: number): boolean {
    const missing = this.#heap + tables * this.#tableBytes - this.#bytes.length;
    if (missing <= 0) return true;
    try {
      this.#exports.memory.grow(Math.ceil(missing / PAGE_BYTES));
    } catch {
      return false;
    }
    this.#bytes = new Uint8Array(this.#exports.memory.buffer);
    return true;
  }

  /** All of the memory; made anew where growing it was interrupted before. */
  #view(): Uint8Array {
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(this.#exports.memory.buffer);
    return this.#bytes;
  }

  #slice(at: number, length: number): Uint8Array {
    return this.#bytes.slice(this.#io + at, this.#io + at + length);
  }
}

/** One kernel for everyone, kept with the namespace whose code it is; `null` where there can be none. */
const KERNELS = new WeakMap<object, Kernel | null>();

/** The kernel of this runtime, made when first asked for; `undefined` where vectors or run-time compilation are missing. */
export function sharedKernel(): Kernel | undefined {
  if (typeof WebAssembly === 'undefined') return undefined;
  let kernel = KERNELS.get(WebAssembly);
  if (kernel === undefined) {
    kernel = openKernel();
    KERNELS.set(WebAssembly, kernel);
  }
  return kernel ?? undefined;
}

function openKernel(): Kernel | null {
  const module = kernelModule();
  if (module === undefined) return null;
  try {
    return new Kernel(module);
  } catch {
    // No memory for an instance: noble needs none.
    return null;
  }
}
