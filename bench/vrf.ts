import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, sign, verify as verifySignature } from 'node:crypto';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { EdwardsPoint } from '@noble/curves/abstract/edwards.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { edwards25519Tai } from '../src/guards/vrf/ecvrf.ts';
import { Kernel, type KernelKey } from '../src/guards/vrf/kernel.ts';
import { kernelModule } from '../src/guards/vrf/kernel-module.ts';
import { prove, publicKey } from '../src/guards/vrf/prove.ts';
import { prepareKernelKey, prepareNobleKey } from '../src/guards/vrf/verify.ts';
import { machine } from './report.ts';
import { vrfPeers } from './vrf-peers.ts';

/** Verification in one process, all ways in turn, and the first one of a process; `--quick` shows that it works. */
const quick = process.argv.includes('--quick');
const runs = quick ? 9 : 41;
/** Processes that are started to see their first verification. */
const processes = quick ? 3 : 21;
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

const many = alphas.map((alpha, at) => ({ publicKey: pk, alpha, pi: proofs[at]! }));
const { peers, missing } = await vrfPeers(alphas);

interface Subject {
  readonly name: string;
  /** Verifications in a run. */
  readonly count: number;
  /** How many of them one call makes. */
  readonly each?: number;
  verify(at: number): boolean;
}

const SUBJECTS: readonly Subject[] = [
  { name: 'plain noble', count: 3, verify: (at) => plain(alphas[at]!, proofs[at]!) },
  { name: 'our noble path', count: 3, verify: (at) => nobleKey.verify(alphas[at]!, proofs[at]!).valid },
  { name: 'kernel, key table', count: PROOFS, verify: (at) => kernelKey.verify(alphas[at]!, proofs[at]!).valid },
  { name: 'kernel, no table', count: PROOFS, verify: (at) => bareKey.verify(alphas[at]!, proofs[at]!).valid },
  {
    name: `kernel, verifyMany of ${PROOFS}`,
    count: PROOFS,
    each: PROOFS,
    verify: () => edwards25519Tai.verifyMany(many).every(({ valid }) => valid),
  },
  {
    name: 'native Ed25519',
    count: PROOFS,
    verify: (at) => verifySignature(null, alphas[at]!, signer, signatures[at]!),
  },
  ...peers.map(({ name, scheme, verify }): Subject => ({ name: `${name} (${scheme})`, count: 2, verify })),
];

const times = new Map(SUBJECTS.map(({ name }): [string, number[]] => [name, []]));
let next = 0;
for (let run = -3; run < runs; run++) {
  for (const { name, count, each = 1, verify } of SUBJECTS) {
    const began = performance.now();
    for (let done = 0; done < count; done += each) {
      if (!verify(next++ % PROOFS)) throw new Error(`${name} refuses a valid proof`);
    }
    if (run >= 0) times.get(name)!.push(((performance.now() - began) * 1_000) / count);
  }
}

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!;
const best = (name: string): number => Math.min(...times.get(name)!);
const lines = SUBJECTS.map(({ name }) => {
  const ratios = ['plain noble', 'native Ed25519'].map((to) => (best(to) / best(name)).toFixed(2));
  return `| ${name} | ${median(times.get(name)!).toFixed(0)} | ${best(name).toFixed(0)} | ${ratios.join(' | ')} |`;
});
const hint = `\nnot measured: ${missing.join(', ')}; npm --prefix bench/peers ci installs them\n`;
process.stdout.write(`${machine()}, ${runs} runs in turn

| one verification | median µs | min µs | plain noble / it | native Ed25519 / it |
| --- | ---: | ---: | ---: | ---: |
${lines.join('\n')}
${missing.length === 0 ? '' : hint}
${coldTable()}
`);

/** What a process spends until its first verification is done, each time a new process. */
function coldTable(): string {
  const script = fileURLToPath(new URL('./vrf-cold.js', import.meta.url));
  const parts = new Map<string, number[]>();
  for (let at = 0; at < processes; at++) {
    const measured = JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8' })) as object;
    for (const [part, ms] of Object.entries(measured)) parts.set(part, [...(parts.get(part) ?? []), ms]);
  }
  const rows = [...parts].map(([part, list]) => {
    return `| ${part} | ${median(list).toFixed(2)} | ${Math.min(...list).toFixed(2)} |`;
  });
  return [`| in ${processes} new processes | median ms | min ms |`, '| --- | ---: | ---: |', ...rows].join('\n');
}
