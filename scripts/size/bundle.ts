import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { ROOT } from '../api/entries.ts';

export interface Bundle {
  readonly text: string;
  readonly minified: number;
  readonly gzip: number;
  /** Bytes of the bundle by the part of the package, or the other package, that they come from; the largest first. */
  readonly parts: ReadonlyMap<string, number>;
}

const { peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  peerDependencies: Record<string, string>;
};
const OPTIONAL_PEERS = Object.keys(peerDependencies);

/** Bundles a program with the built package as for a Worker: minified, WebAssembly and modules of Node outside. */
export async function bundle(code: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: ROOT },
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    conditions: ['workerd', 'worker', 'browser'],
    // Optional peers: whoever uses what needs them installs them.
    external: ['*.wasm', 'node:*', 'cloudflare:*', ...OPTIONAL_PEERS],
    metafile: true,
    write: false,
    outdir: 'dist',
    logLevel: 'silent',
  });
  const [{ contents, text } = { contents: new Uint8Array(), text: '' }] = outputFiles;
  const parts = new Map<string, number>();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      if (bytesInOutput > 0 && path !== '<stdin>')
        parts.set(partOf(path), (parts.get(partOf(path)) ?? 0) + bytesInOutput);
    }
  }
  return {
    text,
    minified: contents.length,
    gzip: gzipSync(contents, { level: 9 }).length,
    parts: new Map([...parts].sort(([, a], [, b]) => b - a)),
  };
}

/** `dist/src/guards/vrf/guard.js` is part of `vrf`, `dist/src/gate.js` of `gate`. */
function partOf(path: string): string {
  const inPackage = /node_modules\/(@[^/]+\/[^/]+|[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1];
  if (inPackage !== undefined) return inPackage;
  if (!path.startsWith('dist/')) return path.split('/').slice(0, 2).join('/');
  const [, place = ''] = /^dist\/(?:src\/)?(.*)$/.exec(path) ?? [];
  const folders = place.split('/').slice(0, -1);
  if (folders.length === 0) return 'gate';
  if (folders[0] !== 'guards') return folders[0] as string;
  return ['recognizers', 'custom', 'p256'].includes(folders[2] ?? '')
    ? `${folders[1]}/${folders[2]}`
    : (folders[1] as string);
}
