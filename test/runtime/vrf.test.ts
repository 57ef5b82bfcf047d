import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Installed, installBuilt } from '../helpers/built.ts';
import { type Command, runProgram, startWorker } from '../helpers/runtimes.ts';
import { type Compared, main, type Sample } from './vrf-differential.ts';

const PROGRAM = fileURLToPath(new URL('./vrf-differential.ts', import.meta.url));
/** RUNTIME_THOROUGH=1 takes a quarter of an hour and compares what CI samples. */
const SAMPLE: Sample = process.env.RUNTIME_THOROUGH === '1' ? { proofs: 20_000, every: 1 } : { proofs: 100, every: 3 };

describe('the kernel of the built package, against a plain verifier and our path without it', () => {
  let installed: Installed;
  let here: Compared;

  beforeAll(async () => {
    installed = await installBuilt();
    here = main(SAMPLE);
  }, 3_600_000);
  afterAll(() => installed.remove());

  function expectSame(found: Compared): void {
    const { runtime, compilesAtRunTime } = found;
    expect(found).toEqual({ ...here, runtime, compilesAtRunTime });
  }

  it('is compared on proofs of all kinds', () => {
    expect(here).toMatchObject({ engine: 'kernel', differing: [] });
    expect(here.cases).toBeGreaterThan(800);
    expect(Object.keys(here.outcomes).sort()).toEqual([
      'challenge',
      'gamma-encoding',
      'key-encoding',
      'key-length',
      'key-small-order',
      'proof-length',
      's-range',
      'valid',
    ]);
  });

  it.each<[Command, RegExp]>([
    ['node', /^Node\.js\//],
    ['deno', /^Deno\//],
    ['bun', /^Bun\//],
  ])(
    'computes the same on %s',
    async (command, name) => {
      const found = (await runProgram(command, installed, PROGRAM, SAMPLE)) as Compared;
      expectSame(found);
      expect(found.runtime).toMatch(name);
    },
    3_600_000,
  );

  it('computes the same on workerd, where bytes may not be compiled', async () => {
    const worker = await startWorker(installed, PROGRAM);
    try {
      const found = (await worker.run(SAMPLE)) as Compared;
      expectSame(found);
      expect(found).toMatchObject({ runtime: 'Cloudflare-Workers', compilesAtRunTime: false });
    } finally {
      await worker.stop();
    }
  }, 3_600_000);
});
