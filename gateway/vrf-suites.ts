import { edwards25519Tai } from '../src/guards/vrf/ecvrf.ts';
import { edwards25519Ell2 } from '../src/guards/vrf/edwards25519-ell2.ts';
import { p256Sswu } from '../src/guards/vrf/p256/sswu.ts';
import { p256Tai } from '../src/guards/vrf/p256/tai.ts';
import type { VrfSuite } from '../src/guards/vrf/suite.ts';
import { wordOption } from '../src/options.ts';

/** The suites of RFC 9381, the default first. */
const SUITES: readonly VrfSuite[] = [edwards25519Tai, edwards25519Ell2, p256Tai, p256Sswu];

/** Their names, as RFC 9381 section 5.5 has them. */
export const VRF_SUITE_NAMES: readonly string[] = SUITES.map(({ name }) => name);

/**
 * The suite of a name; of none, the default.
 *
 * @throws {ConfigError} for any other value.
 */
export function vrfSuiteNamed(option: string, name: unknown): VrfSuite {
  const known = wordOption(option, name, edwards25519Tai.name, VRF_SUITE_NAMES);
  return SUITES.find((suite) => suite.name === known) ?? edwards25519Tai;
}
