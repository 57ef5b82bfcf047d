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
    return new WebAssembly.Module(inlinedBytes());
  } catch {
    return undefined;
  }
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Decodes our own base64 unchecked, four digits at a time: a cold start runs this before anything is compiled. */
function inlinedBytes(): Uint8Array<ArrayBuffer> {
  const codes = new TextEncoder().encode(KERNEL_WASM);
  const values = new Uint8Array(128);
  for (let value = 0; value < DIGITS.length; value++) values[DIGITS.charCodeAt(value)] = value;
  // Each write of four bytes is followed by one that begins at its last.
  const bytes = new DataView(new ArrayBuffer((codes.length / 4) * 3 + 1));
  let at = 0;
  for (let i = 0; i < codes.length; i += 4) {
    const high = (values[codes[i]!]! << 26) | (values[codes[i + 1]!]! << 20);
    bytes.setUint32(at, high | (values[codes[i + 2]!]! << 14) | (values[codes[i + 3]!]! << 8));
    at += 3;
  }
  return new Uint8Array(bytes.buffer, 0, at - (KERNEL_WASM.length - KERNEL_WASM.replace(/=+$/, '').length));
}
