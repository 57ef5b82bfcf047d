import { checkBytes } from './bytes.ts';
import type { VrfKey, VrfReason, VrfResult } from './suite.ts';

/** A key under which no proof is valid. */
export function faultyKey(fault: VrfReason): VrfKey {
  return Object.freeze({
    fault,
    verify(alpha: Uint8Array, pi: Uint8Array): VrfResult {
      checkBytes('alpha', alpha);
      checkBytes('proof', pi);
      return invalid(fault);
    },
  });
}

export function invalid(reason: VrfReason): VrfResult {
  return { valid: false, reason };
}
