import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GatewayProcess, type ProcessOptions, startProcess } from './gateway-process.ts';

/** What belongs to one run of one scenario and to no other: its names, its files, its processes. */
export interface Scope {
  /** A fresh UUID: part of every name that outlives a process, so that runs do not meet. */
  readonly id: string;
  /** Fewer rounds: shows that the scenario works. */
  readonly quick: boolean;
  readonly directory: string;
  /** Starts a gateway whose logs are in `name` below the directory. */
  gateway(options?: ProcessOptions & { readonly name?: string }): Promise<GatewayProcess>;
  /** Something to undo when the scenario is over; the last comes first. */
  onEnd(undo: () => unknown): void;
}

export const HMAC_KEY = 'a key that only the faults know';

/** Runs with a scope of its own, and undoes whatever it began. */
export async function withScope<T>(quick: boolean, run: (scope: Scope) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'portcullis-faults-'));
  const undos: (() => unknown)[] = [() => rm(directory, { recursive: true, force: true })];
  try {
    return await run({
      id: randomUUID(),
      quick,
      directory,
      onEnd: (undo) => undos.push(undo),
      async gateway({ name = 'gateway', env, ...options } = {}) {
        const started = await startProcess({
          ...options,
          env: {
            PCS_SIGN_ALG: 'hmac',
            PCS_HMAC_KEY: HMAC_KEY,
            TOKEN_RATE: '100000',
            WAL_DIR: join(directory, name, 'wal'),
            WORM_BASE_DIR: join(directory, name, 'ledger'),
            LEDGER_KEY_FILE: join(directory, name, 'ledger.key'),
            ...env,
          },
        });
        undos.push(() => started.kill('SIGKILL'));
        return started;
      },
    });
  } finally {
    for (const undo of undos.reverse()) await undo();
  }
}
