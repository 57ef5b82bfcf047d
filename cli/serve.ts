import process from 'node:process';
import { createJsonLog, type Gateway, readConfig, startGateway } from '../gateway/gateway.ts';
import { readOptions } from './options.ts';

/** Milliseconds that a start gets to end by itself when the process is told to stop meanwhile. */
export const START_GRACE_MS = 1_000;

const USAGE = `usage: portcullis serve

Runs the gateway until SIGTERM or SIGINT. It is configured by environment variables, such as PORT; docs/gateway.md
lists them.
`;

/** Runs the gateway until SIGTERM or SIGINT, then lets running requests finish. */
export async function serve(args: readonly string[]): Promise<number> {
  if (readOptions(args, USAGE) === undefined) return 0;
  const config = readConfig(process.env);
  const log = createJsonLog((line) => process.stderr.write(`${line}\n`), Date.now);
  const stopped = signalled(['SIGTERM', 'SIGINT']);
  const starting = startGateway(config, { log });
  const gateway = await Promise.race([starting, stopped]);
  if (typeof gateway === 'string') return abandon(starting, gateway);

  process.stdout.write(
    [
      `portcullis ${config.environment}: listening on ${gateway.url}`,
      `tenants: ${[...config.tenants.map(({ id }) => id), ...(config.tenantStore ? ['those of TENANTS_STORE'] : [])].join(', ')}${config.isDemo ? ' (nothing is configured, so this is a demo)' : ''}`,
      'try, in a second terminal:',
      ...(config.isDemo ? ['  npm run demo                 real records, then every attack'] : []),
      `  curl ${gateway.url}/health`,
      `  curl ${config.metricsAuth ? '-u "$METRICS_USER" ' : ''}${gateway.url}/metrics`,
      '',
    ].join('\n'),
  );

  await stopped;
  log('info', 'stopping');
  await gateway.close();
  log('info', 'stopped');
  return 0;
}

/** Nothing was promised to anybody yet: a start that ends soon is undone, one that hangs is left behind. */
async function abandon(starting: Promise<Gateway>, signal: NodeJS.Signals): Promise<number> {
  const giveUp = setTimeout(() => {
    // The handler is gone, so this ends the process as if there had been none; exit would wait for a hanging disk.
    process.kill(process.pid, signal);
    // The first process of a container has no default action.
    process.exit(1);
  }, START_GRACE_MS);
  const gateway = await starting.finally(() => clearTimeout(giveUp));
  await gateway.close();
  return 0;
}

function signalled(names: readonly NodeJS.Signals[]): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of names) process.once(name, () => resolve(name));
  });
}
