import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import tai from '../../../fixtures/ecvrf-edwards25519-tai.json' with { type: 'json' };
import rfc9381 from '../../../fixtures/rfc9381.json' with { type: 'json' };

/** Provenance of both files: fixtures/README.md. */

export interface RfcExample {
  readonly suite: string;
  readonly example: number;
  readonly sk: string;
  readonly pk: string;
  readonly alpha: string;
  readonly h: string;
  readonly u: string;
  readonly v: string;
  readonly pi: string;
  readonly beta: string;
}

/** Integers are in the byte order of the suite. */
export interface RfcDetails extends RfcExample {
  readonly x: string;
  readonly k: string;
  readonly k_string?: string;
  readonly try_and_increment_ctr?: number;
  readonly h2c_uniform_bytes?: string;
  readonly h2c_u?: string;
  readonly h2c_x1?: string;
  readonly h2c_gx1?: string;
  readonly gx1_is_square?: boolean;
}

interface Proven {
  readonly pk: string;
  readonly alpha: string;
  readonly pi: string;
  readonly beta: string;
}

interface Crafted {
  readonly proofs: readonly (Proven & { readonly sk: string })[];
  readonly decoder: readonly (readonly [encoding: string, kind: 'none' | 'small' | 'point'])[];
  readonly torsion: readonly (Proven & { readonly key: number; readonly gamma: number })[];
  readonly invalid: readonly (Omit<Proven, 'beta'> & { readonly name: string; readonly reason: string })[];
  readonly identity: Proven;
  readonly commitments: readonly (readonly [key: string, gamma: string, c: string, s: string, u: string, v: string])[];
  readonly commitmentsH: string;
  readonly pcs: readonly (Omit<Proven, 'alpha'> & {
    readonly pcs_id: string;
    readonly sk: string;
    readonly seed: string;
  })[];
}

/** Examples 10 to 21 of RFC 9381, three of each suite, with what was published on the way. */
export const allExamples: readonly RfcDetails[] = rfc9381;

/** ECVRF-EDWARDS25519-SHA512-TAI, examples 16 to 18 of RFC 9381. */
export const rfcExamples: readonly RfcExample[] = allExamples.filter(
  ({ suite }) => suite === 'ECVRF-EDWARDS25519-SHA512-TAI',
);

/** Made by fixtures/ecvrf-edwards25519-tai.py, an implementation of its own. */
export const crafted: Crafted = tai as unknown as Crafted;

export const bytes = hexToBytes;
export const hex = bytesToHex;
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
