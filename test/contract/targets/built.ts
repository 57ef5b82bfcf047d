import { fileURLToPath } from 'node:url';
import { type Installed, installBuilt } from '../../helpers/built.ts';
import { serveProgram, serveWorker } from '../../helpers/runtimes.ts';
import type { Server, Target } from './target.ts';

const PROGRAM = fileURLToPath(new URL('./program.ts', import.meta.url));
const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));

/** Runs on the package as it was built, in a folder where it is installed. */
function builtTarget(name: string, serve: (installed: Installed) => Promise<Server>): Target {
  return {
    name,
    async start() {
      const installed = await installBuilt();
      const { port, pid, stop } = await serve(installed);
      return {
        port,
        pid,
        async stop() {
          await stop();
          await installed.remove();
        },
      };
    },
  };
}

export const workerdTarget: Target = builtTarget('workerd', (installed) => serveWorker(installed, WORKER));
export const denoTarget: Target = builtTarget('Deno', (installed) => serveProgram('deno', installed, PROGRAM, 'fetch'));
export const bunTarget: Target = builtTarget('Bun', (installed) => serveProgram('bun', installed, PROGRAM, 'fetch'));
export const denoHonoTarget: Target = builtTarget('Hono on Deno', (installed) =>
  serveProgram('deno', installed, PROGRAM, 'hono'),
);
export const bunHonoTarget: Target = builtTarget('Hono on Bun', (installed) =>
  serveProgram('bun', installed, PROGRAM, 'hono'),
);
