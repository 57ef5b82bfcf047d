import { chmod, open, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runToEnd } from '../gateway-process.ts';
import { readChain, segmentPaths } from '../ledger-reader.ts';
import { createClient, statuses, storm } from '../load.ts';
import { signedBodies } from '../records.ts';
import { must, type Scenario } from '../scenario.ts';
import type { Scope } from '../scope.ts';

/** Small enough that a few dozen records fill one. */
const SMALL_SEGMENTS = { WORM_MAX_SEGMENT_SIZE: '8192' };

/** Fills a ledger and ends its gateway; where it is. */
async function filled(
  scope: Scope,
  { count = 60, signal = 'SIGTERM' as NodeJS.Signals, env = {} as Record<string, string>, prefix = 'fill-' } = {},
): Promise<string> {
  const gateway = await scope.gateway({ env });
  const client = createClient(gateway.port);
  const seen = statuses(await storm(client, await signedBodies(scope, count, { prefix })));
  client.close();
  must(seen[200] === count, `the answers were ${JSON.stringify(seen)}`);
  await gateway.kill(signal);
  return join(scope.directory, 'gateway/ledger');
}

function verify(ledger: string, ...args: string[]): ReturnType<typeof runToEnd> {
  return runToEnd(['ledger', 'verify', '--dir', ledger, ...args], {});
}

const tornTail: Scenario = {
  name: 'torn-tail',
  holds: 'a last line cut off at any byte: kept in quarantine, told in the ledger, and the chain goes on',
  async run(scope) {
    const rounds = scope.quick ? 3 : 20;
    let ledger = '';
    for (let round = 0; round < rounds; round++) {
      ledger = await filled(scope, { count: 5, signal: 'SIGKILL', prefix: `${round}-` });
      const tail = (await segmentPaths(ledger)).at(-1) ?? '';
      const size = (await stat(tail)).size;
      await truncate(tail, size - 1 - Math.floor(Math.random() * 200));
    }
    await filled(scope, { count: 5, prefix: 'last-' });
    const entries = await readChain(ledger);
    const recoveries = entries.filter(({ kind }) => kind === 'recovery').length;
    must(recoveries === rounds, `${recoveries} recoveries stand in the ledger after ${rounds} torn tails`);
    const kept = await readdir(join(ledger, 'quarantine'));
    must(kept.length === rounds, `${kept.length} tails are in quarantine after ${rounds} torn ones`);
    const verified = await verify(ledger);
    must(verified.code === 0, `ledger verify ended with ${verified.code}: ${verified.output}`);
    return { rounds, entries: entries.length };
  },
};

async function flipByte(path: string, at: number): Promise<void> {
  await chmod(path, 0o600);
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 1;
  await file.write(byte, 0, 1, at);
  await file.close();
}

const flippedByte: Scenario = {
  name: 'flipped-byte',
  holds: 'one bit of one byte of one segment changed on the disk: verify ends with 1 and names the file and the line',
  async run(scope) {
    const ledger = await filled(scope, { env: SMALL_SEGMENTS, count: 100 });
    const rounds = scope.quick ? 3 : 15;
    for (let round = 0; round < rounds; round++) {
      const paths = await segmentPaths(ledger);
      const path = paths[Math.floor(Math.random() * paths.length)] ?? '';
      const text = await readFile(path, 'latin1');
      const at = Math.floor(Math.random() * text.length);
      await flipByte(path, at);
      const { code, output } = await verify(ledger);
      const line = text.slice(0, at).split('\n').length;
      const named = output.includes(path.slice(ledger.length + 1)) && new RegExp(`\\b${line}\\b`).test(output);
      must(code === 1 && named, `byte ${at} (line ${line}) of ${path}: verify ended with ${code}: ${output}`);
      await flipByte(path, at);
    }
    const whole = await verify(ledger);
    must(whole.code === 0, `restored, verify ended with ${whole.code}: ${whole.output}`);
    return { rounds };
  },
};

const missingSegment: Scenario = {
  name: 'missing-segment',
  holds: 'a whole segment taken away: verify ends with 1, and a gateway on it does not pretend',
  async run(scope) {
    const ledger = await filled(scope, { env: SMALL_SEGMENTS, count: 100 });
    const paths = await segmentPaths(ledger);
    must(paths.length > 2, `only ${paths.length} segments`);
    await rm(paths[Math.floor(paths.length / 2)] ?? '', { force: true });
    const { code, output } = await verify(ledger);
    must(code === 1, `verify ended with ${code}: ${output}`);
    return { segments: paths.length };
  },
};

const truncatedLedger: Scenario = {
  name: 'truncated-ledger',
  holds: 'the newest segment taken away with its seal: found against the last checkpoint',
  async run(scope) {
    const ledger = await filled(scope, { env: SMALL_SEGMENTS, count: 100 });
    const newest = (await segmentPaths(ledger)).at(-1) ?? '';
    const folder = join(newest, '..');
    const stem = newest.slice(folder.length + 1).replace(/\.jsonl$/, '');
    for (const name of await readdir(folder)) {
      if (name === `${stem}.jsonl` || name === `${stem}.seal.json`) await rm(join(folder, name), { force: true });
    }
    const { code, output } = await verify(ledger);
    must(code === 1, `verify ended with ${code}: ${output}`);
    return { found: true };
  },
};

const tamperedTail: Scenario = {
  name: 'tampered-tail',
  holds: 'an entry of the segment that a crash left open was changed: the gateway does not start and names the place',
  async run(scope) {
    const ledger = await filled(scope, { count: 20, signal: 'SIGKILL' });
    const tail = (await segmentPaths(ledger)).at(-1) ?? '';
    const text = await readFile(tail, 'utf8');
    await flipByte(tail, text.indexOf('"tenant":"') + 12);
    const started = await scope.gateway().then(
      () => 'it started',
      (error: Error) => error.message,
    );
    must(started.includes('PTC_E') && started.includes('.jsonl'), started.slice(0, 400));
    return { refused: true };
  },
};

const anchorDown: Scenario = {
  name: 'anchor-down',
  holds: 'the place that checkpoints are sent to does not answer: records are accepted, and it gets them once it does',
  async run(scope) {
    let up = false;
    const notes: string[] = [];
    const server = createServer((req, res) => {
      let text = '';
      req.on('data', (part) => {
        text += part;
      });
      req.on('end', () => {
        res.statusCode = up ? 200 : 500;
        if (up) notes.push(text);
        res.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    scope.onEnd(() => server.close());
    const { port } = server.address() as AddressInfo;
    const gateway = await scope.gateway({
      env: { LEDGER_ANCHOR: `http://127.0.0.1:${port}/`, LEDGER_CHECKPOINT_SECONDS: '1' },
    });
    const client = createClient(gateway.port);
    scope.onEnd(client.close);
    const seen = statuses(await storm(client, await signedBodies(scope, 30)));
    must(seen[200] === 30, `the answers were ${JSON.stringify(seen)}`);
    await sleep(1_500);
    up = true;
    for (let at = 0; at < 100 && notes.length === 0; at++) {
      const [body = ''] = await signedBodies(scope, 1, { prefix: `later-${at}-` });
      await client.submit(body);
      await sleep(100);
    }
    must(notes.length > 0, 'no checkpoint arrived within 10 s');
    return { accepted: 30, notes: notes.length };
  },
};

const retention: Scenario = {
  name: 'retention',
  holds: 'segments past their time go, the ledger says which, and what is left verifies',
  async run(scope) {
    const past = Date.now() - 40 * 86_400_000;
    const old = await scope.gateway({
      preload: 'clock',
      env: { ...SMALL_SEGMENTS, FAULT_CLOCK_START_MS: String(past) },
    });
    const client = createClient(old.port);
    await storm(client, await signedBodies(scope, 100, { prefix: 'old-' }));
    client.close();
    await old.kill('SIGTERM');
    const ledger = join(scope.directory, 'gateway/ledger');
    const before = (await segmentPaths(ledger)).length;
    await filled(scope, { env: { ...SMALL_SEGMENTS, LEDGER_RETENTION_DAYS: '30' }, count: 60 });
    const after = (await segmentPaths(ledger)).length;
    const verified = await verify(ledger);
    must(verified.code === 0, `ledger verify ended with ${verified.code}: ${verified.output}`);
    let told = 0;
    for (const path of await segmentPaths(ledger)) {
      told += (await readFile(path, 'utf8')).split('"kind":"retention"').length - 1;
    }
    must(told > 0, `${before} segments before, ${after} after, and the ledger tells of ${told} deleted ones`);
    return { before, after, told };
  },
};

export const ledgerScenarios: readonly Scenario[] = [
  tornTail,
  tamperedTail,
  flippedByte,
  missingSegment,
  truncatedLedger,
  anchorDown,
  retention,
];
