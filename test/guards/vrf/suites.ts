import { edwards25519Tai } from '../../../src/guards/vrf/ecvrf.ts';
import { edwards25519Ell2 } from '../../../src/guards/vrf/edwards25519-ell2.ts';
import { p256Sswu } from '../../../src/guards/vrf/p256/sswu.ts';
import { p256Tai } from '../../../src/guards/vrf/p256/tai.ts';
import type { VrfResult, VrfSuite } from '../../../src/guards/vrf/suite.ts';
import { REFERENCES, type Reference } from './reference.ts';
import { allExamples, type RfcDetails } from './vectors.ts';

export const SUITES: readonly VrfSuite[] = [p256Tai, p256Sswu, edwards25519Tai, edwards25519Ell2];

/** Every suite by its name, for `test.each`. */
export const NAMED: readonly (readonly [name: string, suite: VrfSuite])[] = SUITES.map((suite) => [suite.name, suite]);

export function referenceOf({ name }: Pick<VrfSuite, 'name'>): Reference {
  return REFERENCES[name]!;
}

/** The first published example of a suite. */
export function exampleOf({ name }: Pick<VrfSuite, 'name'>): RfcDetails {
  return allExamples.find(({ suite }) => suite === name)!;
}

/** beta in hex, or the reason. */
export function outcome(result: VrfResult): string {
  return result.valid ? Buffer.from(result.beta).toString('hex') : result.reason;
}
