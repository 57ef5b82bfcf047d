import { isThenable } from '../../contain.ts';
import type { KeyAlgorithm, RingKey } from './key-ring.ts';

/** What a signature may be over: one way of writing the same content. */
export interface SignedInput {
  /** Its name, for the record. */
  readonly profile: string;
  /** What HMAC-SHA256 is computed over. */
  readonly hmac: Uint8Array;
  /** What Ed25519 signs. */
  readonly ed25519: Uint8Array;
}

/** Bytes of a signature. */
export const SIGNATURE_BYTES: Readonly<Record<KeyAlgorithm, number>> = Object.freeze({ hmac: 32, ed25519: 64 });

/** Which key made a signature, and over what. */
export interface SignatureMatch {
  readonly keyId: string;
  readonly profile: string;
}

/**
 * Tries every key on every input and only then says which fitted: the first in order of keys, then of inputs. The
 * time it takes tells nothing about which one did. Inputs that are the same bytes are tried once for each key, and
 * keys only on signatures of their length; both are facts of the request, which its sender knows.
 *
 * @example
 * const match = await matchSignature(ring.keys, inputs, signature);
 */
export function matchSignature(
  keys: readonly RingKey[],
  inputs: readonly SignedInput[],
  signature: Uint8Array,
): SignatureMatch | undefined | Promise<SignatureMatch | undefined> {
  const attempts: SignatureMatch[] = [];
  const results: (boolean | Promise<boolean>)[] = [];
  for (const key of keys) {
    if (signature.length !== SIGNATURE_BYTES[key.alg]) continue;
    for (const { profile, message } of distinct(inputs, key.alg)) {
      attempts.push({ keyId: key.id, profile });
      results.push(key.verify(signature, message));
    }
  }
  if (!results.some(isThenable)) return attempts[results.indexOf(true)];
  return Promise.all(results).then((fits) => attempts[fits.indexOf(true)]);
}

interface Message {
  readonly profile: string;
  readonly message: Uint8Array;
}

function distinct(inputs: readonly SignedInput[], alg: KeyAlgorithm): readonly Message[] {
  const messages: Message[] = [];
  for (const input of inputs) {
    const message = input[alg];
    if (!messages.some((known) => sameBytes(known.message, message)))
      messages.push({ profile: input.profile, message });
  }
  return messages;
}

/** Messages are no secrets, so this may stop early. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || (a.length === b.length && a.every((byte, at) => byte === b[at]));
}
