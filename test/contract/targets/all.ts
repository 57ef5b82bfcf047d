import { bunHonoTarget, bunTarget, denoHonoTarget, denoTarget, workerdTarget } from './built.ts';
import { expressTarget } from './express.ts';
import { fastifyTarget } from './fastify.ts';
import { fetchTarget } from './fetch.ts';
import { honoTarget } from './hono.ts';
import { nodeTarget } from './node.ts';
import type { Target } from './target.ts';

/** In the process of the tests. */
export const NODE_TARGETS: readonly Target[] = [
  expressTarget(5),
  expressTarget(4),
  fastifyTarget,
  honoTarget,
  fetchTarget,
  nodeTarget,
];
/** The built package, each in a process of its own. */
export const RUNTIME_TARGETS: readonly Target[] = [workerdTarget, denoTarget, bunTarget, denoHonoTarget, bunHonoTarget];
