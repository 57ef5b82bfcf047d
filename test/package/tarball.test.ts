import { readFile } from 'node:fs/promises';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Packed, pack } from './packed.ts';
import { readFrom } from './tree.ts';

/** Unpacked, in bytes: more than it is, and less than one forgotten folder more. */
const MOST_BYTES = 2_300_000;

describe('the tarball', () => {
  let packed: Packed;
  beforeAll(async () => {
    packed = await pack();
  });
  afterAll(() => packed.remove());

  test('has the code, its declarations, the pages, and nothing else', () => {
    const { files, unpackedBytes } = packed;
    const folders = new Set(files.map((path) => path.replace(/\/.*/, '/')));
    expect([...folders].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'dist/',
      'docs/',
      'package.json',
    ]);
    const inside = files.filter((path) => path.startsWith('dist/') || path.startsWith('docs/'));
    expect(inside.filter((path) => !/^dist\/.*\.(?:js|d\.ts|wasm)$|^docs\/.*\.md$/.test(path))).toEqual([]);
    expect(inside.filter((path) => /\b(?:test|bench|fixtures|examples|scripts)\//.test(path))).toEqual([]);
    expect(files.filter((path) => path.endsWith('.wasm'))).toEqual(['dist/src/guards/vrf/kernel/kernel.wasm']);
    expect(unpackedBytes).toBeLessThan(MOST_BYTES);
  });

  test('has a declaration for a module only if an entry leads there', () => {
    expect(packed.files.filter((path) => /^dist\/cli\/.*\.d\.ts$/.test(path))).toEqual([]);
    expect(packed.files).toContain('dist/src/gate.d.ts');
  });

  test('publint has nothing to say', async () => {
    const { installed } = await packed.install();
    const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true, level: 'suggestion' });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  test('its types are right, for all who can read ES modules', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(await readFile(packed.tarball))));
    if (analysis.types === false) throw new Error('no types were found');
    // The profile esm-only: who resolves as Node 10 did, or compiles CommonJS that cannot require ES modules, is not served.
    const others = analysis.problems.filter(
      (problem) => !('resolutionKind' in problem && /^(?:node10|node16-cjs)$/.test(problem.resolutionKind)),
    );
    expect(others).toEqual([]);
    const { exports } = JSON.parse(readFrom('package.json')) as { exports: object };
    expect(Object.keys(analysis.entrypoints).sort()).toEqual(Object.keys(exports).sort());
  });
});
