// The part of `npm run build` that tsc leaves out. Puts kernel.wasm into dist, and has the modules that differ from runtime to
// runtime imported by a name there, which `imports` of package.json leads to the one that fits. Sources import the one for
// Node itself or for the web, so that they run as they are. `node scripts/dist.mjs bench/.build` does the same for the benches,
// which then measure what the package does.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';

const ROOT = new URL('../', import.meta.url);
const OUT = new URL(`${process.argv[2] ?? 'dist'}/`, ROOT);

/** File of the output, what it imports, and the name for that in package.json. */
const SWAPS = [
  ['src/guards/vrf/kernel.js', './kernel-module.js', '#kernel-module'],
  ['src/exchange.js', './sha256.js', '#sha256'],
  ['src/guards/rate-limit/memory-store.js', '../../sha256.js', '#sha256'],
  ['src/guards/signature/key-ring.js', '../../sha256.js', '#sha256'],
  ['src/ledger/entry.js', '../sha256.js', '#sha256'],
  ['src/ledger/merkle.js', '../sha256.js', '#sha256'],
  ['src/pcs/agent/commitment.js', '../../sha256.js', '#sha256'],
  ['src/pcs/canonical.js', '../sha256.js', '#sha256'],
  ['src/pcs/id.js', '../sha256.js', '#sha256'],
  ['middleware/fetch.js', './platform-node.js', '#platform'],
  ['middleware/hono.js', './platform-node.js', '#platform'],
];

const KERNEL = 'src/guards/vrf/kernel/kernel.wasm';
copyFileSync(new URL(KERNEL, ROOT), new URL(KERNEL, OUT));

for (const [path, from, name] of SWAPS) {
  const file = new URL(path, OUT);
  const parts = readFileSync(file, 'utf8').split(`from '${from}';`);
  if (parts.length !== 2) throw new Error(`${path} does not import ${from} exactly once`);
  writeFileSync(file, parts.join(`from '${name}';`));
}
