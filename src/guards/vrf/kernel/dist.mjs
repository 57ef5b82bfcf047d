// The part of `npm run build` that tsc leaves out: puts kernel.wasm into dist, and makes kernel.js there import its module by the
// name #kernel-module, which `imports` of package.json leads to the inlined bytes or, on workerd, to an import of kernel.wasm.
// Sources import kernel-module.ts itself, so that they run as they are.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';

const ROOT = new URL('../../../../', import.meta.url);
const BUILT = new URL('dist/src/guards/vrf/', ROOT);
const FROM = "from './kernel-module.js';";
const NAMED = "from '#kernel-module';";

copyFileSync(new URL('kernel.wasm', import.meta.url), new URL('kernel/kernel.wasm', BUILT));

const file = new URL('kernel.js', BUILT);
const parts = readFileSync(file, 'utf8').split(FROM);
if (parts.length !== 2) throw new Error(`dist/src/guards/vrf/kernel.js does not have ${FROM} exactly once`);
writeFileSync(file, parts.join(NAMED));
