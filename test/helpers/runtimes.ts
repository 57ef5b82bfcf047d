import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { Miniflare } from 'miniflare';
import type { Installed } from './built.ts';

/** Runtimes that run a file; workerd serves requests. */
export type Command = 'node' | 'deno' | 'bun';

const ARGUMENTS: Readonly<Record<Command, readonly string[]>> = {
  node: [],
  deno: ['run', '--quiet', '--no-prompt', '--no-remote', '--node-modules-dir=manual', '--allow-net=127.0.0.1'],
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
  const { args, options } = await commandFor(runtime, installed, file, input);
  const { stdout } = await promisify(execFile)(binary(runtime), args, options);
  return JSON.parse(stdout);
}

async function commandFor(runtime: Command, installed: Installed, file: string, input: unknown) {
  const program = await installed.program(file);
  const env = { PATH: process.env.PATH ?? '', HOME: installed.folder, DENO_NO_UPDATE_CHECK: '1' };
  return {
    args: [...ARGUMENTS[runtime], program, JSON.stringify(input)],
    options: { cwd: installed.folder, env },
  };
}

/** A program that listens. */
export interface Serving {
  readonly port: number;
  /** Of its process, where that is known. */
  readonly pid?: number | undefined;
  stop(): Promise<void>;
}

/** Starts a program whose `main(input)` gives the port that it listens on, in another process. */
export async function serveProgram(
  runtime: Command,
  installed: Installed,
  file: string,
  input: unknown,
): Promise<Serving> {
  const { args, options } = await commandFor(runtime, installed, file, input);
  const child = spawn(binary(runtime), args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, 'line'), exited]);
  if (child.exitCode !== null) throw new Error(`${runtime} ended with ${child.exitCode}`);
  return {
    port: JSON.parse(String(first[0])) as number,
    pid: child.pid,
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

export interface Worker {
  /** Asks for `main(input)`. */
  run(input: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts workerd with a program: the package is bundled as for Cloudflare, and no code is made at run time. */
export async function startWorker(installed: Installed, file: string): Promise<Worker> {
  const miniflare = await runWorkerd(await installed.worker(file));
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

/** Starts workerd with what a program exports as `worker`, on a port of its own. */
export async function serveWorker(installed: Installed, file: string): Promise<Serving> {
  const miniflare = await runWorkerd(await installed.worker(file, 'worker'));
  const { port } = await miniflare.ready;
  return { port: Number(port), stop: () => miniflare.dispose() };
}

async function runWorkerd({ module, wasm }: { module: string; wasm: readonly string[] }): Promise<Miniflare> {
  const read = async (path: string, type: 'ESModule' | 'CompiledWasm') => ({
    type,
    path,
    contents: await readFile(path),
  });
  const miniflare = new Miniflare({
    compatibilityDate: '2026-04-01',
    cf: false,
    // It writes a line for each request that it does not understand.
    handleRuntimeStdio(...outputs: readonly [Readable, Readable]) {
      for (const output of outputs) output.resume();
    },
    modulesRoot: dirname(module),
    modules: await Promise.all([read(module, 'ESModule'), ...wasm.map((path) => read(path, 'CompiledWasm'))]),
  });
  await miniflare.ready;
  return miniflare;
}
