// The part of `npm run build` that tsc leaves out. Puts kernel.wasm into dist, and has the modules that differ from runtime to
// runtime imported by a name there, which `imports` of package.json leads to the one that fits. Sources import the one for
// Node itself, so that they run as they are.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';

const ROOT = new URL('../', import.meta.url);

/** File of dist, what it imports, and the name for that in package.json. */
const SWAPS = [
  ['src/guards/vrf/kernel.js', './kernel-module.js', '#kernel-module'],
  ['middleware/fetch.js', './platform-node.js', '#platform'],
  ['middleware/hono.js', './platform-node.js', '#platform'],
];

const KERNEL = 'src/guards/vrf/kernel/kernel.wasm';
copyFileSync(new URL(KERNEL, ROOT), new URL(`dist/${KERNEL}`, ROOT));

for (const [path, from, name] of SWAPS) {
  const file = new URL(`dist/${path}`, ROOT);
  const parts = readFileSync(file, 'utf8').split(`from '${from}';`);
  if (parts.length !== 2) throw new Error(`dist/${path} does not import ${from} exactly once`);
  writeFileSync(file, parts.join(`from '${name}';`));
}
