import process from 'node:process';
import { createJsonLog, readConfig, startGateway } from '../gateway/gateway.ts';

/** Runs the gateway until SIGTERM or SIGINT, then lets running requests finish. */
export async function serve(): Promise<number> {
  const config = readConfig(process.env);
  const log = createJsonLog((line) => process.stderr.write(`${line}\n`), Date.now);
  const stopped = signalled(['SIGTERM', 'SIGINT']);
  const gateway = await startGateway(config, { log });

  process.stdout.write(
    [
      `portcullis ${config.environment}: listening on ${gateway.url}`,
      `tenants: ${config.tenants.map(({ id }) => id).join(', ')}${config.isDemo ? ' (nothing is configured, so this is a demo)' : ''}`,
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

function signalled(names: readonly NodeJS.Signals[]): Promise<void> {
  return new Promise((resolve) => {
    for (const name of names) process.once(name, () => resolve());
  });
}
