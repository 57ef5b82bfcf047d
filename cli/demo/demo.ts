import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { readConfig, startGateway } from '../../gateway/gateway.ts';
import { readOptions } from '../options.ts';
import { measureMachine } from './measure.ts';
import { runAttacks, runHonest } from './scenarios.ts';
import { createSubmit, formatTable } from './submit.ts';

/** Rows of measurements that are taken, and the time between them: four seconds in all. */
const SAMPLES = 400;
const EVERY_MS = 10;

const USAGE = `usage: portcullis demo

Sends records made from measurements of this machine, and every attack, to the gateway that runs on PORT (default 8080),
or to one that it starts.
`;

/**
 * Makes records from measurements of this machine, submits them, replays one, then sends each attack. Uses the
 * gateway that runs on PORT, or starts one.
 */
export async function demo(args: readonly string[]): Promise<number> {
  if (readOptions(args, USAGE) === undefined) return 0;
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const target = await findGateway();
  try {
    say(
      target.own ? `no gateway runs on this port: started one at ${target.url}` : `using the gateway at ${target.url}`,
    );
    say(`measuring event-loop delay, CPU time and heap for ${(SAMPLES * EVERY_MS) / 1000} seconds …`);
    const rows = await measureMachine(SAMPLES, EVERY_MS);
    const submit = createSubmit(target.url);
    const honest = await runHonest(submit, rows);
    if (honest.rows[0]?.answers.some(({ status }) => status === 401)) {
      say('this gateway does not know the demo tenant: start it with npm start and nothing configured');
      return 1;
    }
    const attacks = await runAttacks(submit, honest.records);
    say('');
    say(formatTable([...honest.rows, ...attacks]));
    return 0;
  } finally {
    await target.close();
  }
}

interface Target {
  readonly url: string;
  readonly own: boolean;
  close(): Promise<void>;
}

async function findGateway(): Promise<Target> {
  const url = `http://127.0.0.1:${readConfig({ PORT: process.env.PORT }).port}`;
  const health = await fetch(`${url}/health`).then(
    (response) => response.text(),
    () => undefined,
  );
  if (health === 'OK') return { url, own: false, close: async () => {} };

  const directory = await mkdtemp(join(tmpdir(), 'portcullis-demo-'));
  const config = readConfig({ PORT: '0', WAL_DIR: join(directory, 'wal'), WORM_BASE_DIR: join(directory, 'ledger') });
  const gateway = await startGateway(config, { log: () => {} });
  return {
    url: gateway.url,
    own: true,
    async close() {
      await gateway.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
