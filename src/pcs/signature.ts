import { ConfigError } from '../errors.ts';
import type { Guard, GuardContext } from '../guard.ts';
import { signature } from '../guards/signature/guard.ts';
import type { KeyRing } from '../guards/signature/key-ring.ts';
import { functionOption, knownOptions } from '../options.ts';
import { PCS_PROFILES, type PcsProfile, signedInputs } from './canonical.ts';
import { PCS_FACT, type PcsRecord } from './record.ts';

export interface PcsSignatureOptions {
  /** The tenant's keys; `none` for a tenant that is configured not to sign; `undefined` for one that is not known. */
  readonly ringOf: (tenant: string, context: GuardContext) => KeyRing | 'none' | undefined;
  /** Names of the profiles that the tenant may use; `undefined` for all four. Default: all four for everybody. */
  readonly profiles?: (tenant: string, context: GuardContext) => readonly string[] | undefined;
}

/**
 * The signature guard of the PCS preset: the record's `sig` against its eight signed fields, in every profile that
 * the tenant may use. Reads the record that the format guard published; without one, no signature fits.
 *
 * @throws {ConfigError} if an option is missing, unknown or of the wrong type.
 *
 * @example
 * const guard = pcsSignature({ ringOf: (tenant) => tenants.get(tenant)?.ring });
 */
export function pcsSignature(options: PcsSignatureOptions): Guard {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError('PTC_E001', 'pcsSignature', options, 'give an object with ringOf');
  }
  knownOptions('pcsSignature', options, ['ringOf', 'profiles']);
  const { ringOf, profiles } = options;
  functionOption('pcsSignature.ringOf', ringOf, "give a function from tenant to its key ring, 'none' or undefined");
  if (profiles !== undefined) {
    functionOption('pcsSignature.profiles', profiles, 'give a function from tenant to its profiles or undefined');
  }
  return signature({
    keys: (context) => (context.tenant === undefined ? undefined : ringOf(context.tenant, context)),
    message: (_exchange, context) => {
      const record = recordOf(context);
      return record && signedInputs(record, profilesOf(context));
    },
    signature: (_exchange, context) => recordOf(context)?.sig,
    place: { in: 'body', pointer: '/sig' },
  });

  function profilesOf(context: GuardContext): readonly PcsProfile[] {
    const { tenant } = context;
    const allowed = tenant === undefined ? undefined : profiles?.(tenant, context);
    return allowed === undefined ? PCS_PROFILES : PCS_PROFILES.filter((profile) => allowed.includes(profile));
  }
}

function recordOf({ facts }: GuardContext): PcsRecord | undefined {
  return Object.hasOwn(facts, PCS_FACT) ? (facts[PCS_FACT] as PcsRecord) : undefined;
}
