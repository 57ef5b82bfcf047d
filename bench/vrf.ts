import { createPublicKey, generateKeyPairSync, sign, verify as verifySignature } from 'node:crypto';
import process from 'node:process';
import type { EdwardsPoint } from '@noble/curves/abstract/edwards.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { Kernel, type KernelKey } from '../src/guards/vrf/kernel.ts';
import { kernelModule } from '../src/guards/vrf/kernel-module.ts';
import { prove, publicKey } from '../src/guards/vrf/prove.ts';
import { prepareKernelKey, prepareNobleKey } from '../src/guards/vrf/verify.ts';
import { machine } from './report.ts';

/** Verification in one process, all ways in turn; `--quick` shows that it works. */
const runs = process.argv.includes('--quick') ? 9 : 41;
const PROOFS = 64;
const { Point } = ed25519;

const secret = Uint8Array.from({ length: 32 }, (_, at) => at * 7);
const pk = publicKey(secret);
const alphas = Array.from({ length: PROOFS }, (_, at) =>
  new TextEncoder().encode(`pcs-vrf-v1:${'ab'.repeat(14)}${at}`),
);
const proofs = alphas.map((alpha) => prove(secret, alpha));

/** The RFC's steps on noble's points, one after the other: what a plain implementation costs. */
function plain(alpha: Uint8Array, pi: Uint8Array): boolean {
  const y = Point.fromBytes(pk);
  if (y.clearCofactor().is0()) return false;
  const gamma = Point.fromBytes(pi.subarray(0, 32));
  const [c, s] = [number(pi.subarray(32, 48)), number(pi.subarray(48))];
  const h = hash(alpha);
  const u = Point.BASE.multiplyUnsafe(s).subtract(y.multiplyUnsafe(c));
  const v = h.multiplyUnsafe(s).subtract(gamma.multiplyUnsafe(c));
  const points = [y, h, gamma, u, v].map((point) => point.toBytes());
  const expected = sha512(Buffer.concat([Buffer.of(3, 2), ...points, Buffer.of(0)]));
  return number(expected.subarray(0, 16)) === c && gamma.clearCofactor().toBytes().length === 32;
}

function hash(alpha: Uint8Array): EdwardsPoint {
  for (let counter = 0; ; counter++) {
    try {
      const digest = sha512(Buffer.concat([Buffer.of(3, 1), pk, alpha, Buffer.of(counter, 0)]));
      return Point.fromBytes(digest.subarray(0, 32)).clearCofactor();
    } catch {}
  }
}

const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

const module = kernelModule();
if (module === undefined) throw new Error('no kernel in this runtime');
const ready = new Kernel(module);
const kernelKey = prepareKernelKey(ready, pk);
ready.buildTable(ready.key(pk) as KernelKey);
const nobleKey = prepareNobleKey(pk);
const withoutTable = new Kernel(module, { tables: 0 });
const bareKey = prepareKernelKey(withoutTable, pk);
const pair = generateKeyPairSync('ed25519');
const signer = createPublicKey(pair.privateKey);
const signatures = alphas.map((alpha) => sign(null, alpha, pair.privateKey));

/** Name, calls a run, and one verification. */
const SUBJECTS: readonly (readonly [string, number, (at: number) => boolean])[] = [
  ['plain noble', 3, (at) => plain(alphas[at]!, proofs[at]!)],
  ['our noble path', 3, (at) => nobleKey.verify(alphas[at]!, proofs[at]!).valid],
  ['kernel, key table', PROOFS, (at) => kernelKey.verify(alphas[at]!, proofs[at]!).valid],
  ['kernel, no table', PROOFS, (at) => bareKey.verify(alphas[at]!, proofs[at]!).valid],
  ['native Ed25519', PROOFS, (at) => verifySignature(null, alphas[at]!, signer, signatures[at]!)],
];

const times = new Map(SUBJECTS.map(([name]): [string, number[]] => [name, []]));
let next = 0;
for (let run = -3; run < runs; run++) {
  for (const [name, calls, verify] of SUBJECTS) {
    const began = performance.now();
    for (let call = 0; call < calls; call++) {
      if (!verify(next++ % PROOFS)) throw new Error(`${name} refuses a valid proof`);
    }
    if (run >= 0) times.get(name)!.push(((performance.now() - began) * 1_000) / calls);
  }
}

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!;
const best = (name: string): number => Math.min(...times.get(name)!);
const lines = SUBJECTS.map(([name]) => {
  const ratios = ['plain noble', 'native Ed25519'].map((to) => (best(to) / best(name)).toFixed(2));
  return `| ${name} | ${median(times.get(name)!).toFixed(0)} | ${best(name).toFixed(0)} | ${ratios.join(' | ')} |`;
});
process.stdout.write(`${JSON.stringify(machine())}, ${runs} runs in turn

| one verification | median µs | min µs | plain noble / it | native Ed25519 / it |
| --- | ---: | ---: | ---: | ---: |
${lines.join('\n')}

cold: ${cold()} ms for compiling, instantiating, base table and one verification of a key that is not known
`);

/** In this process code is warm elsewhere, but module, instance and tables are new. */
function cold(): string {
  const began = performance.now();
  const kernel = new Kernel(kernelModule()!);
  if (!prepareKernelKey(kernel, pk).verify(alphas[0]!, proofs[0]!).valid) throw new Error('cold kernel refuses');
  return (performance.now() - began).toFixed(2);
}
