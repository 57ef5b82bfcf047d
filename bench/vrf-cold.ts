import { readFileSync } from 'node:fs';
import process from 'node:process';

/**
 * The first verification of a process: `node bench/.build/bench/vrf-cold.js` prints, in milliseconds, how long importing took, the
 * first verification, the second, and everything from before the import. @noble is imported before, and apart.
 */
const [example] = (
  JSON.parse(readFileSync('fixtures/rfc9381.json', 'utf8')) as Record<'suite' | 'pk' | 'alpha' | 'pi', string>[]
).filter(({ suite }) => suite === 'ECVRF-EDWARDS25519-SHA512-TAI');
const { pk, alpha, pi } = example!;
const [key, message, proof] = [pk, alpha, pi].map((text) => Uint8Array.from(Buffer.from(text, 'hex')));

const began = performance.now();
await import('@noble/curves/ed25519.js');
await import('@noble/curves/nist.js');
const imported = performance.now();
const { edwards25519Tai } = await import('../src/guards/vrf/ecvrf.ts');
const ready = performance.now();
const { valid } = edwards25519Tai.verify(key!, message!, proof!);
const first = performance.now();
edwards25519Tai.verify(key!, message!, proof!);
const second = performance.now();

if (!valid) throw new Error('the first verification refuses an example of the RFC');
process.stdout.write(
  JSON.stringify({
    'import of @noble/curves': imported - began,
    'import of edwards25519Tai': ready - imported,
    'first verification': first - ready,
    'second verification': second - first,
    'from before the imports to the first result': first - began,
  }),
);
