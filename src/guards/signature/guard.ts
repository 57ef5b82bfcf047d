import { decodeBase64 } from '../../base64.ts';
import { isThenable } from '../../contain.ts';
import { ConfigError, DECISION_CODES } from '../../errors.ts';
import type { Exchange } from '../../exchange.ts';
import { defineGuard, type Guard, type GuardContext, type Place, type Verdict } from '../../guard.ts';
import { functionOption, knownOptions } from '../../options.ts';
import { isActive, type KeyRing } from './key-ring.ts';
import { matchSignature, SIGNATURE_BYTES, type SignatureMatch, type SignedInput } from './match.ts';

/** Name of the guard, of its stage and of its label in metrics. */
export const SIGNATURE_GUARD = 'signature';
/** Fact: the id of the key that fitted, or `none` for a sender that need not sign. */
export const KEY_ID_FACT = 'key_id';
/** Fact: the profile of the input that fitted. */
export const SIGNATURE_PROFILE_FACT = 'signature_profile';
/** Header that holds the signature where nothing else is said, in standard base64. */
export const SIGNATURE_HEADER = 'x-signature';
/** Profile of the body's bytes as they came in. */
export const RAW_PROFILE = 'raw';

export interface SignatureOptions {
  /** The sender's keys; `none` for one that need not sign; `undefined` for one that is not known. */
  readonly keys: (context: GuardContext, exchange: Exchange) => KeyRing | 'none' | undefined;
  /** What may have been signed; `undefined` if there is nothing to sign. Default: the body's bytes, profile {@link RAW_PROFILE}. */
  readonly message?: (exchange: Exchange, context: GuardContext) => readonly SignedInput[] | undefined;
  /** The signature in standard base64. Default: the header {@link SIGNATURE_HEADER}. */
  readonly signature?: (exchange: Exchange, context: GuardContext) => string | undefined;
  /** Profiles that this sender may use. Default: all. */
  readonly profiles?: (context: GuardContext, exchange: Exchange) => readonly string[] | undefined;
  /** Where findings point. Default: the header, unless `signature` takes it from elsewhere. */
  readonly place?: Place;
}

const OPTIONS = [
  'keys',
  'message',
  'signature',
  'profiles',
  'place',
] as const satisfies readonly (keyof SignatureOptions)[];

/** Longest signature text, in characters: an Ed25519 signature in base64. */
const MAX_SIGNATURE_CHARS = Math.ceil(SIGNATURE_BYTES.ed25519 / 3) * 4;

type Refusal = 'PTC_D301' | 'PTC_D302' | 'PTC_D303';

/**
 * Checks that a request was signed with a key of its sender: HMAC-SHA256, or Ed25519 through WebCrypto. Every key that
 * counts at the time of the request is tried on every input. Facts on success: `key_id`, `signature_profile`.
 * The body is the one that came in, not a redacted one. Verifications: at most keys × inputs.
 *
 * @throws {ConfigError} if an option is missing, unknown or of the wrong type.
 *
 * @example
 * const ring = createKeyRing([{ id: 'k1', alg: 'hmac', key: secret }]);
 * const gate = createGate({ guards: [signature({ keys: () => ring })] });
 * // curl -H "x-signature: $(openssl dgst -sha256 -hmac "$SECRET" -binary body.json | base64)" …
 */
export function signature(options: SignatureOptions): Guard {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError('PTC_E001', SIGNATURE_GUARD, options, 'give an object with keys');
  }
  knownOptions(SIGNATURE_GUARD, options, OPTIONS);
  const { message = rawBody, signature: signatureOf = signatureHeader, profiles } = options;
  const keysOf = functionOption('signature.keys', options.keys, "give a function to a key ring, 'none' or undefined");
  functionOption('signature.message', message, 'give a function from exchange and context to signed inputs');
  functionOption('signature.signature', signatureOf, 'give a function from exchange and context to base64');
  if (profiles !== undefined) functionOption('signature.profiles', profiles, 'give a function to profile names');
  const place =
    options.place ?? (options.signature === undefined ? { in: 'header' as const, name: SIGNATURE_HEADER } : undefined);

  function refuse(code: Refusal): Verdict {
    const rule = `${SIGNATURE_GUARD}/${DECISION_CODES[code].reason.replace('signature_', '')}`;
    return { kind: 'deny', code, ...(place && { findings: [{ rule, place, score: 1 }] }) };
  }

  return defineGuard({
    name: SIGNATURE_GUARD,
    reads: 'body',
    defaultStage: 'enforce',
    inspect(exchange, context) {
      const ring = keysOf(context, exchange);
      if (ring === 'none') return { kind: 'pass', facts: { [KEY_ID_FACT]: 'none' } };
      const text = signatureOf(exchange, context);
      if (text === undefined || text === '') return refuse('PTC_D301');
      const bytes = decodeSignature(text);
      if (bytes === undefined) return refuse('PTC_D302');
      if (ring === undefined) return refuse('PTC_D303');
      const active = ring.keys.filter((key) => isActive(key, context.now));
      const allowed = profiles?.(context, exchange);
      const inputs = (message(exchange, context) ?? []).filter(
        ({ profile }) => allowed === undefined || allowed.includes(profile),
      );
      const match = matchSignature(active, inputs, bytes);
      return isThenable(match) ? match.then(verdictOf) : verdictOf(match);
    },
  });

  function verdictOf(match: SignatureMatch | undefined): Verdict {
    if (match === undefined) return refuse('PTC_D303');
    return { kind: 'pass', facts: { [KEY_ID_FACT]: match.keyId, [SIGNATURE_PROFILE_FACT]: match.profile } };
  }
}

/** The length is checked first, so that a megabyte of base64 costs nothing. */
function decodeSignature(text: string): Uint8Array | undefined {
  if (typeof text !== 'string' || text.length > MAX_SIGNATURE_CHARS) return undefined;
  const bytes = decodeBase64(text);
  return bytes?.length === SIGNATURE_BYTES.hmac || bytes?.length === SIGNATURE_BYTES.ed25519 ? bytes : undefined;
}

function rawBody(exchange: Exchange): readonly SignedInput[] {
  const bytes = exchange.bytes();
  return [{ profile: RAW_PROFILE, hmac: bytes, ed25519: bytes }];
}

function signatureHeader(exchange: Exchange): string | undefined {
  return exchange.header(SIGNATURE_HEADER);
}
