import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './tree.ts';

const run = promisify(execFile);

/** The tarball as `npm publish` would send it, in a folder of its own. */
export interface Packed {
  readonly tarball: string;
  /** Paths in it, sorted. */
  readonly files: readonly string[];
  readonly unpackedBytes: number;
  /**
   * A folder outside of the repository where the tarball is installed, beside its dependencies and the packages that are
   * named. Nothing is fetched: they are linked to ours.
   */
  install(packages?: readonly string[]): Promise<Consumer>;
  remove(): Promise<void>;
}

export interface Consumer {
  readonly folder: string;
  /** Where the package is in it. */
  readonly installed: string;
  /** Writes a file of the consumer; gives its path. */
  write(name: string, text: string): Promise<string>;
}

const DEPENDENCIES = ['@noble/curves', '@noble/hashes'];

/** Packs what is in `dist`. */
export async function pack(): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-packed-'));
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
  });
  const [{ filename, files, unpackedSize }] = JSON.parse(stdout) as [
    { filename: string; files: { path: string }[]; unpackedSize: number },
  ];
  const tarball = join(folder, filename);
  let consumers = 0;
  return {
    tarball,
    files: files.map(({ path }) => path).sort(),
    unpackedBytes: unpackedSize,
    async install(packages = []) {
      const consumer = join(folder, `consumer-${consumers++}`);
      const modules = join(consumer, 'node_modules');
      await mkdir(modules, { recursive: true });
      await run('tar', ['-xzf', tarball, '-C', modules]);
      await rename(join(modules, 'package'), join(modules, 'portcullis'));
      for (const name of [...DEPENDENCIES, ...packages]) {
        await mkdir(dirname(join(modules, name)), { recursive: true });
        await symlink(join(ROOT, 'node_modules', name), join(modules, name), 'dir');
      }
      await writeFile(join(consumer, 'package.json'), '{"type":"module","dependencies":{"portcullis":"*"}}');
      return {
        folder: consumer,
        installed: join(modules, 'portcullis'),
        async write(name, text) {
          await writeFile(join(consumer, name), text);
          return join(consumer, name);
        },
      };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
