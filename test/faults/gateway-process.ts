import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A module of `preload/` that bends what the process sees of its machine. */
  readonly preload?: 'clock' | 'disk';
  /** Largest file that the process may write, in KiB: what a full disk is to it. */
  readonly maxFileKiB?: number;
}

export interface GatewayProcess {
  readonly port: number;
  readonly child: ChildProcess;
  /** Everything that it printed so far. */
  output(): string;
  /** Ends it and waits for that; the exit code, or the signal. */
  kill(signal: NodeJS.Signals): Promise<number | string>;
}

/** What the command says and how it ended, for a start that must fail and for the other commands. */
export interface Ended {
  readonly code: number | string;
  readonly output: string;
}

function launch(args: readonly string[], { env = {}, preload, maxFileKiB }: ProcessOptions): ChildProcess {
  const imports = preload === undefined ? [] : ['--import', new URL(`preload/${preload}.mjs`, import.meta.url).href];
  const command = [process.execPath, ...imports, MAIN, ...args];
  const whole =
    maxFileKiB === undefined ? command : ['bash', '-c', `ulimit -f ${maxFileKiB}; exec "$@"`, '-', ...command];
  const [file = '', ...rest] = whole;
  return spawn(file, rest, {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function ending(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'nothing'));
  });
}

/** Starts `portcullis serve` on a free port and waits until it listens. Rejects with what it printed where it does not. */
export function startProcess(options: ProcessOptions): Promise<GatewayProcess> {
  const child = launch(['serve'], options);
  const ended = ending(child);
  let text = '';
  return new Promise((resolve, reject) => {
    const onData = (part: Buffer): void => {
      text += part;
      const port = /listening on http:\/\/[^:]+:(\d+)/.exec(text)?.[1];
      if (port === undefined) return;
      resolve({
        child,
        port: Number(port),
        output: () => text,
        kill(signal) {
          child.kill(signal);
          return ended;
        },
      });
    };
    child.stdout?.on('data', onData);
    child.stderr?.on('data', onData);
    void ended.then((code) => reject(new Error(`the gateway ended with ${code}: ${text}`)));
  });
}

/** Runs any command of the package to its end. */
export async function runToEnd(args: readonly string[], options: ProcessOptions): Promise<Ended> {
  const child = launch(args, options);
  let output = '';
  const onData = (part: Buffer): void => {
    output += part;
  };
  child.stdout?.on('data', onData);
  child.stderr?.on('data', onData);
  return { code: await ending(child), output };
}
