import { execFile } from 'node:child_process';
import { basename, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allExamples } from '../guards/vrf/vectors.ts';
import { type Installed, installBuilt } from '../helpers/built.ts';
import { ROOT } from '../package/tree.ts';

const EXAMPLE = allExamples.find(({ suite }) => suite === 'ECVRF-EDWARDS25519-SHA512-TAI')!;

/** An application that verifies a published proof, and says with what. */
const APPLICATION = `
import { edwards25519Tai } from 'portcullis/vrf';
import { sharedKernel } from './node_modules/portcullis/dist/src/guards/vrf/kernel.js';
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
const { valid } = edwards25519Tai.verify(bytes('${EXAMPLE.pk}'), bytes('${EXAMPLE.alpha}'), bytes('${EXAMPLE.pi}'));
console.log(valid, sharedKernel() === undefined ? 'noble' : 'kernel');
`;

describe('the kernel in a bundle', () => {
  let installed: Installed;
  beforeAll(async () => {
    installed = await installBuilt();
  });
  afterAll(() => installed.remove());

  /** Bundles the application, gives the names of all kernels in it, and runs it on Node. */
  async function bundled(name: string, options: BuildOptions): Promise<{ kernels: string[]; printed: string }> {
    const outfile = join(installed.folder, `${name}.mjs`);
    const stdin = { contents: APPLICATION, resolveDir: installed.folder };
    const { metafile } = await build({ stdin, bundle: true, format: 'esm', outfile, metafile: true, ...options });
    const kernels = Object.keys(metafile?.inputs ?? {}).filter((path) =>
      /kernel\/(?:wasm\.js|kernel\.wasm)$/.test(path),
    );
    const { stdout } = await promisify(execFile)(process.execPath, [outfile]);
    return { kernels: kernels.map((path) => basename(path)), printed: stdout.trim() };
  }

  it('is inlined, and nothing else is, unless the bundle is for workerd', async () => {
    expect(await bundled('plain', {})).toEqual({ kernels: ['wasm.js'], printed: 'true kernel' });
    expect(await bundled('browser', { conditions: ['worker', 'browser'] })).toEqual({
      kernels: ['wasm.js'],
      printed: 'true kernel',
    });
  });

  it('is left alone where kernel.wasm became something else, such as a path', async () => {
    expect(await bundled('path', { conditions: ['workerd'], loader: { '.wasm': 'file' } })).toEqual({
      kernels: ['kernel.wasm'],
      printed: 'true noble',
    });
  });
});

it('the tarball has both', async () => {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
  });
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  const folder = 'dist/src/guards/vrf';
  expect(files.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      `${folder}/kernel-module.js`,
      `${folder}/kernel-module-workerd.js`,
      `${folder}/kernel/kernel.wasm`,
      `${folder}/kernel/wasm.js`,
    ]),
  );
});
