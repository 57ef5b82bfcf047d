import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Package, Sources } from './rules.ts';

/** The root of the repository, with a slash at its end. */
export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));

/** Paths below a folder, from the root, with forward slashes. */
export function filesIn(folder: string, ending: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.split(sep).join('/')}`)
    .filter((path) => path.endsWith(ending))
    .sort();
}

export function readFrom(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Modules below a folder; a declaration file is none. */
export function modulesIn(folder: string): readonly string[] {
  return filesIn(folder, '.ts').filter((path) => !/\.d\.(?:\w+\.)?ts$/.test(path));
}

export function readSources(folders: readonly string[]): Sources {
  return new Map(folders.flatMap(modulesIn).map((path) => [path, readFrom(path)]));
}

/** What package.json says of modules and packages. */
export function readPackage(): Package {
  const { exports, dependencies, peerDependencies } = JSON.parse(readFrom('package.json')) as {
    exports: Record<string, string | { default: string }>;
    dependencies: Record<string, string>;
    peerDependencies: Record<string, string>;
  };
  const entries = Object.values(exports).flatMap((target) => {
    const path = typeof target === 'string' ? target : target.default;
    return path.startsWith('./dist/src/') ? [path.replace('./dist/', '').replace(/\.js$/, '.ts')] : [];
  });
  return { entries, packages: [...Object.keys(dependencies), ...Object.keys(peerDependencies)] };
}
