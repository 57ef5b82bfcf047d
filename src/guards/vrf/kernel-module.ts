import { decodeBase64 } from '../../base64.ts';
import { KERNEL_WASM } from './kernel/wasm.ts';

/** The smallest module with a vector instruction that the kernel uses: `i64x2.extmul_low_i32x4_s`. */
const SIMD_PROBE: readonly number[] = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 17, 65, 1, 253, 17,
  253, 220, 1, 11,
];

/**
 * Compiles the kernel from its inlined bytes: well under a millisecond, and not before somebody asks.
 * `undefined` where there is no WebAssembly with vectors, or where code may not be compiled at run time.
 * A build for such a runtime replaces this file by one that returns its static import of kernel.wasm.
 */
export function kernelModule(): WebAssembly.Module | undefined {
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(Uint8Array.from(SIMD_PROBE))) return undefined;
  const wasm = decodeBase64(KERNEL_WASM);
  if (wasm === undefined) return undefined;
  try {
    return new WebAssembly.Module(wasm);
  } catch {
    return undefined;
  }
}
