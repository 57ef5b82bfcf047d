import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Only what the program needs of this process' environment, and what the test says. */
function environment(env: Record<string, string>): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env };
}

/** Runs the built command to its end, with `input` as its standard input. */
export function runCli(
  args: readonly string[],
  env: Record<string, string> = {},
  input: string | Uint8Array = '',
): Promise<Ran> {
  const child = spawn(process.execPath, [MAIN, ...args], { env: environment(env) });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (part) => {
      stdout += part;
    });
    child.stderr.on('data', (part) => {
      stderr += part;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs the built command with a standard output that nobody reads; its exit code and what it says about it. */
export function runCliUnread(args: readonly string[]): Promise<Omit<Ran, 'stdout'>> {
  const child = spawn(process.execPath, [MAIN, ...args], { env: environment({}), stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  return new Promise((resolve, reject) => {
    let stderr = '';
    child.stderr.on('data', (part) => {
      stderr += part;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stderr }));
  });
}

export interface Served {
  readonly child: ChildProcess;
  readonly port: number;
  /** Everything it printed so far. */
  output(): string;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** Starts `portcullis serve` on a free port and waits until it listens. */
export function serveProcess(env: Record<string, string>): Promise<Served> {
  const child = spawn(process.execPath, [MAIN, 'serve'], { env: environment({ PORT: '0', ...env }) });
  let text = '';
  const ended = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'nothing'));
  });
  return new Promise((resolve, reject) => {
    const onData = (part: Buffer): void => {
      text += part;
      const port = /listening on http:\/\/[^:]+:(\d+)/.exec(text)?.[1];
      if (port !== undefined) resolve({ child, port: Number(port), output: () => text, ended });
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${text}`)));
  });
}
