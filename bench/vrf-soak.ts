import process from 'node:process';
import { isMainThread, Worker } from 'node:worker_threads';
import { ed25519 } from '@noble/curves/ed25519.js';
import { prove, publicKey } from '../src/guards/vrf/prove.ts';
import { prepareKey } from '../src/guards/vrf/verify.ts';

/**
 * Verifies in two threads at once, with many keys in turn and one that comes back, and shows that memory stays flat:
 * `node bench/.build/bench/vrf-soak.js [verifications per thread] [keys]`, 5,000,000 and 100,000 by default.
 */
const [count = 5_000_000, keys = 100_000] = process.argv.slice(2).map(Number);
const REPORTS = 10;

if (isMainThread) new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });

const secret = Uint8Array.from({ length: 32 }, (_, at) => at);
const alpha = new TextEncoder().encode('soak');
const [own, pi] = [publicKey(secret), prove(secret, alpha)];
let point = ed25519.Point.BASE.multiply(12345n);
const encodings: Uint8Array[] = [];
for (let at = 0; at < keys; at++) {
  point = point.add(ed25519.Point.BASE);
  encodings.push(point.toBytes());
}

const began = performance.now();
for (let at = 1; at <= count; at++) {
  // Twice in a row, so that every other verification builds a table and takes another key's place.
  const other = encodings[(at >> 1) % keys]!;
  const expectValid = at % 16 === 0;
  const { valid } = prepareKey(expectValid ? own : other).verify(alpha, pi);
  if (valid !== expectValid) throw new Error(`verification ${at} came out wrong`);
  if (at % Math.ceil(count / REPORTS) === 0) {
    const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
    const megabytes = [rss, heapUsed, external, arrayBuffers].map((bytes) => (bytes / 1e6).toFixed(0)).join(' ');
    const each = (((performance.now() - began) * 1_000) / at).toFixed(0);
    process.stdout.write(`${isMainThread ? 'main' : 'worker'} ${at}: ${each} µs each; MB ${megabytes}\n`);
  }
}
