import { KERNEL_WASM } from './kernel/wasm.ts';

/** The smallest module with a vector instruction that the kernel uses: `i64x2.extmul_low_i32x4_s`. */
const SIMD_PROBE: readonly number[] = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 17, 65, 1, 253, 17,
  253, 220, 1, 11,
];

/**
 * Compiles the kernel from its inlined bytes: well under a millisecond, and not before somebody asks.
 * `undefined` where there is no WebAssembly with vectors, or where code may not be compiled at run time.
 * On workerd, the one of the latter that is known, kernel-module-workerd.ts takes the place of this file.
 */
export function kernelModule(): WebAssembly.Module | undefined {
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(Uint8Array.from(SIMD_PROBE))) return undefined;
  try {
    // The engine's own parser reads the bytes five times as fast as base64 is decoded in code that runs once.
    return new WebAssembly.Module(new Uint8Array(JSON.parse(`[${KERNEL_WASM}]`) as number[]));
  } catch {
    return undefined;
  }
}
