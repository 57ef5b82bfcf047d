import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

/** Milliseconds that the core's modules may take when they are loaded. */
export const START_UP_MS = 5;

export interface StartUp {
  /** Milliseconds in which the modules ran. */
  readonly evaluated: number;
  /** The same with reading and compiling. */
  readonly loaded: number;
}

/**
 * Loads a bundle in new processes and gives the best of them: what else the machine does can only make it slower. Stops
 * as soon as one is within `enough`.
 */
export async function startUp(text: string, runs: number, enough = 0): Promise<StartUp> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-start-'));
  try {
    const file = join(folder, 'bundle.mjs');
    await writeFile(join(folder, 'kernel.mjs'), 'export default undefined;\n');
    const linked = text.replaceAll(/(from|import)\s*"[^"]*\.wasm"/g, '$1"./kernel.mjs"');
    // Imports come first wherever they stand, so what is timed is what the modules do.
    await writeFile(file, `const begun=performance.now();${linked}\nglobalThis.evaluated=performance.now()-begun;\n`);
    const program = `const begun = performance.now();
await import('./bundle.mjs');
console.log(JSON.stringify({ evaluated: globalThis.evaluated, loaded: performance.now() - begun }));`;
    await writeFile(join(folder, 'load.mjs'), program);
    let best: StartUp = { evaluated: Number.POSITIVE_INFINITY, loaded: Number.POSITIVE_INFINITY };
    for (let run = 0; run < runs && best.evaluated > enough; run++) {
      const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'load.mjs')]);
      const { evaluated, loaded } = JSON.parse(stdout) as StartUp;
      best = { evaluated: Math.min(best.evaluated, evaluated), loaded: Math.min(best.loaded, loaded) };
    }
    return best;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
