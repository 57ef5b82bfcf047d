import { edwards25519Tai } from '../src/guards/vrf/ecvrf.ts';
import { sharedKernel } from '../src/guards/vrf/kernel.ts';
import { prepareNobleKey } from '../src/guards/vrf/verify.ts';
import { plainVerify } from '../test/guards/vrf/kernel-oracle.ts';

/** Ways to verify, and how often a round does each: all take about as long. */
export const WAYS = { kernel: 96, 'our noble path': 8, 'plain noble': 4 } as const;
export type Way = keyof typeof WAYS;

export interface Asked {
  /** One after the other in each round. */
  readonly ways: readonly Way[];
  readonly rounds: number;
  /** Whether to verify at all: what remains is the call. */
  readonly idle?: boolean;
}

const PROOFS = 16;
let subjects: Record<Way, (at: number) => boolean> | undefined;

/** The least time of one verification in each way, in µs; of no use where clocks stand still. */
export function main({ ways, rounds, idle = false }: Asked): Record<string, number> {
  subjects ??= prepare();
  const best: Record<string, number> = {};
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) {
      const began = performance.now();
      for (let at = 0; at < WAYS[way] && !idle; at++) {
        if (!subjects[way](at % PROOFS)) throw new Error(`${way} refuses a valid proof`);
      }
      const each = ((performance.now() - began) * 1_000) / WAYS[way];
      best[way] = Math.min(each, best[way] ?? Number.POSITIVE_INFINITY);
    }
  }
  return best;
}

function prepare(): Record<Way, (at: number) => boolean> {
  if (sharedKernel() === undefined) throw new Error('the kernel is not there');
  const { secretKey, publicKey } = edwards25519Tai.keygen(new Uint8Array(32).fill(5));
  const alphas = Array.from({ length: PROOFS }, (_, at) =>
    new TextEncoder().encode(`pcs-vrf-v1:${'ab'.repeat(14)}${at}`),
  );
  const proofs = alphas.map((alpha) => edwards25519Tai.prove(secretKey, alpha));
  const [key, nobleKey] = [edwards25519Tai.importPublicKey(publicKey), prepareNobleKey(publicKey)];
  return {
    kernel: (at) => key.verify(alphas[at]!, proofs[at]!).valid,
    'our noble path': (at) => nobleKey.verify(alphas[at]!, proofs[at]!).valid,
    'plain noble': (at) => plainVerify(publicKey, alphas[at]!, proofs[at]!).outcome === 'valid',
  };
}
