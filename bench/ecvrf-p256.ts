import process from 'node:process';
import { p256 } from '@noble/curves/nist.js';
import { bytesToNumberBE, equalBytes } from '@noble/curves/utils.js';
import { p256Sswu } from '../src/guards/vrf/p256/sswu.ts';
import { p256Tai } from '../src/guards/vrf/p256/tai.ts';
import type { VrfItem, VrfSuite } from '../src/guards/vrf/suite.ts';
import { measure, type Subject } from './measure.ts';
import { machine, writeResult } from './report.ts';

/** `--quick` shows that the bench works; its numbers mean little. */
const quick = process.argv.includes('--quick');
const PROOFS = 50;
const BASELINE = 'plain composition';

/** U and V from four separate multiplications, as one writes it first. */
function verifyPlainly(suite: VrfSuite, { publicKey, alpha, pi }: VrfItem): boolean {
  const { Point } = p256;
  const gammaBytes = pi.subarray(0, 33);
  const cBytes = pi.subarray(33, 49);
  const [y, gamma] = [Point.fromBytes(publicKey), Point.fromBytes(gammaBytes)];
  const [c, s] = [bytesToNumberBE(cBytes), bytesToNumberBE(pi.subarray(49))];
  const hBytes = suite.encodeToCurve(publicKey, alpha)!;
  const h = Point.fromBytes(hBytes);
  const u = Point.BASE.multiplyUnsafe(s).subtract(y.multiplyUnsafe(c));
  const v = h.multiplyUnsafe(s).subtract(gamma.multiplyUnsafe(c));
  return equalBytes(suite.challenge(publicKey, hBytes, gammaBytes, u.toBytes(), v.toBytes()), cBytes);
}

function subjectsOf(suite: VrfSuite): Subject<VrfItem>[] {
  const { secretKey, publicKey } = suite.keygen(new Uint8Array(suite.seedBytes).fill(7));
  const items = Array.from({ length: PROOFS }, (_, at): VrfItem => {
    const alpha = new Uint8Array(40).fill(at);
    return { publicKey, alpha, pi: suite.prove(secretKey, alpha) };
  });
  const imported = suite.importPublicKey(publicKey);
  const prepare = (at: number): VrfItem => items[at % PROOFS]!;
  const subject = (name: string, run: (item: VrfItem) => boolean): Subject<VrfItem> => ({
    name,
    prepare,
    run(item) {
      if (!run(item)) throw new Error(`${name} refuses a valid proof`);
    },
  });
  return [
    subject(BASELINE, (item) => verifyPlainly(suite, item)),
    subject('imported key', ({ alpha, pi }) => imported.verify(alpha, pi).valid),
    subject('key seen once', (item) => suite.verify(item.publicKey, item.alpha, item.pi).valid),
    subject('import of a key', (item) => suite.importPublicKey(item.publicKey).fault === undefined),
    subject('prove', ({ alpha }) => suite.prove(secretKey, alpha).length === suite.proofBytes),
  ];
}

const lines = [
  `Milliseconds a call, interleaved in one process, ${machine()}.`,
  '',
  `| suite | what | p50 ms | p95 ms | p99 ms | ${BASELINE} / this, p50 |`,
  '| --- | --- | ---: | ---: | ---: | ---: |',
];
for (const suite of [p256Tai, p256Sswu]) {
  const timings = await measure(subjectsOf(suite) as Subject[], { warmup: 50, samples: quick ? 50 : 450 });
  const base = timings.get(BASELINE)!;
  for (const [name, { p50, p95, p99 }] of timings) {
    const times = [p50, p95, p99].map((ms) => ms.toFixed(2)).join(' | ');
    lines.push(`| ${suite.name} | ${name} | ${times} | ${(base.p50 / p50).toFixed(2)} |`);
  }
}
process.stdout.write(writeResult('ecvrf-p256', `${lines.join('\n')}\n`));
