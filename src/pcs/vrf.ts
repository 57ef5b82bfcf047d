import { decodeBase64 } from '../base64.ts';
import { ConfigError } from '../errors.ts';
import type { Guard, GuardContext } from '../guard.ts';
import { vrf } from '../guards/vrf/guard.ts';
import type { VrfOptions } from '../guards/vrf/options.ts';
import { functionOption, knownOptions } from '../options.ts';
import { PCS_FACT, type PcsRecord } from './record.ts';

/** Goes before `pcs_id` in what a PCS proves, so that no other protocol's proof fits. */
export const PCS_VRF_PREFIX = 'pcs-vrf-v1:';

export interface PcsVrfOptions
  extends Pick<VrfOptions, 'onInvalid' | 'required' | 'directions' | 'suite' | 'cachedKeys'> {
  /** The tenant's registered VRF key; `undefined` where the tenant has none and nothing is checked. */
  readonly keyOf: (tenant: string | undefined, context: GuardContext) => Uint8Array | undefined;
}

/**
 * What a PCS proves: UTF-8 `pcs-vrf-v1:` + `pcs_id`. The id commits to the data before the directions are drawn.
 *
 * @example
 * const pi = edwards25519Tai.prove(secretKey, pcsAlpha(record.pcs_id));
 */
export function pcsAlpha(pcsId: string): Uint8Array {
  return new TextEncoder().encode(PCS_VRF_PREFIX + pcsId);
}

/**
 * The VRF guard of the PCS preset: `vrf_proof` against the tenant's registered key, `vrf_output` against beta, `seed`
 * against the seed that beta fixes, and `v_star` against the directions of that seed where their number is given. Reads the record that the format guard published. Text that is not strict base64
 * makes the proof invalid.
 *
 * @throws {ConfigError} if an option is missing, unknown or of the wrong type.
 *
 * @example
 * const guard = pcsVrf({ keyOf: (tenant) => vrfKeys.get(tenant ?? ''), onInvalid: 'escalate' });
 */
export function pcsVrf(options: PcsVrfOptions): Guard {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError('PTC_E001', 'pcsVrf', options, 'give an object with keyOf');
  }
  knownOptions('pcsVrf', options, ['keyOf', 'onInvalid', 'required', 'directions', 'suite', 'cachedKeys']);
  const { keyOf, directions = () => undefined, ...rest } = options;
  functionOption('pcsVrf.keyOf', keyOf, 'give a function from tenant to its registered VRF key');
  return vrf({
    ...rest,
    key: (_exchange, context) => keyOf(context.tenant, context),
    alpha: (_exchange, context) => {
      const record = recordOf(context);
      return record && pcsAlpha(record.pcs_id);
    },
    proof: (_exchange, context) => bytesOf(recordOf(context)?.vrf_proof),
    output: (_exchange, context) => bytesOf(recordOf(context)?.vrf_output),
    seed: (_exchange, context) => recordOf(context)?.seed,
    direction: (_exchange, context) => recordOf(context)?.v_star,
    directions,
    place: { in: 'body', pointer: '/vrf_proof' },
  });
}

function recordOf({ facts }: GuardContext): PcsRecord | undefined {
  return Object.hasOwn(facts, PCS_FACT) ? (facts[PCS_FACT] as PcsRecord) : undefined;
}

/** Malformed text becomes no bytes, which no proof and no output is. */
function bytesOf(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : (decodeBase64(text) ?? new Uint8Array(0));
}
