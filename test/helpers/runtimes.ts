import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { Miniflare } from 'miniflare';
import type { Installed } from './built.ts';

/** Runtimes that run a file; workerd serves requests. */
export type Command = 'node' | 'deno' | 'bun';

const ARGUMENTS: Readonly<Record<Command, readonly string[]>> = {
  node: [],
  deno: ['run', '--quiet', '--no-prompt', '--no-remote', '--node-modules-dir=manual'],
  bun: ['run', '--no-install'],
};
/** Where a package has the program, the one for this platform or the one that was asked for. */
const INSIDE = { deno: ['deno', 'deno.exe'], bun: ['bin/bun', 'bin/bun.exe'] } as const;

/**
 * The program of a runtime. Without install scripts it is in the package for this platform, and what the runtime's own
 * package has is a stand-in; bun's install script moves it from there to here.
 */
export function binary(runtime: Command): string {
  if (runtime === 'node') return process.execPath;
  const ours = createRequire(import.meta.url);
  const own = `${runtime}/package.json`;
  const { optionalDependencies } = ours(own) as { optionalDependencies: Record<string, string> };
  const { resolve } = createRequire(ours.resolve(own));
  for (const name of [...Object.keys(optionalDependencies), runtime]) {
    for (const inside of INSIDE[runtime]) {
      try {
        return resolve(`${name}/${inside}`);
      } catch {}
    }
  }
  throw new Error(`${runtime} is not installed for this platform`);
}

/** Runs `main(input)` of a program in another process; gives what it answers. */
export async function runProgram(
  runtime: Command,
  installed: Installed,
  file: string,
  input: unknown,
): Promise<unknown> {
  const program = await installed.program(file);
  const args = [...ARGUMENTS[runtime], program, JSON.stringify(input)];
  const env = { PATH: process.env.PATH ?? '', HOME: installed.folder, DENO_NO_UPDATE_CHECK: '1' };
  const { stdout } = await promisify(execFile)(binary(runtime), args, { cwd: installed.folder, env });
  return JSON.parse(stdout);
}

export interface Worker {
  /** Asks for `main(input)`. */
  run(input: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts workerd with a program: the package is bundled as for Cloudflare, and no code is made at run time. */
export async function startWorker(installed: Installed, file: string): Promise<Worker> {
  const { module, wasm } = await installed.worker(file);
  const read = async (path: string, type: 'ESModule' | 'CompiledWasm') => ({
    type,
    path,
    contents: await readFile(path),
  });
  const miniflare = new Miniflare({
    compatibilityDate: '2026-04-01',
    cf: false,
    modulesRoot: dirname(module),
    modules: await Promise.all([read(module, 'ESModule'), ...wasm.map((path) => read(path, 'CompiledWasm'))]),
  });
  await miniflare.ready;
  return {
    async run(input) {
      const response = await miniflare.dispatchFetch('http://localhost/', {
        method: 'POST',
        body: JSON.stringify(input),
      });
      if (!response.ok) throw new Error(await response.text());
      return response.json();
    },
    stop: () => miniflare.dispose(),
  };
}
