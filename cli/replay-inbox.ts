import { stat } from 'node:fs/promises';
import process from 'node:process';
import { readInteger, readText } from '../gateway/env.ts';
import { type InboxRecord, readInboxLog } from '../gateway/inbox-log.ts';
import { readPass } from '../gateway/replay-inbox/pass.ts';
import { resubmit } from '../gateway/replay-inbox/resubmit.ts';
import { findUnanswered } from '../gateway/replay-inbox/unanswered.ts';
import { ConfigError } from '../src/errors.ts';
import { DEFAULT_TTL_MS } from '../src/guards/replay/guard.ts';
import { showProgress } from './ledger/progress.ts';
import { readOptions } from './options.ts';

/** Seconds after which a request without a decision counts as unanswered: more than a request may take. */
export const DEFAULT_OLDER_THAN_SECONDS = 60;
/** Days that are looked back: less than accepted requests are remembered for, so that none is accepted twice. */
export const MAX_DAYS: number = DEFAULT_TTL_MS / 86_400_000 - 1;

const USAGE = `usage: portcullis replay-inbox [--url URL] [--older-than SECONDS] [--days DAYS]

Submits what the inbox log holds and the ledger does not show as answered: what was refused with a 5xx, or not answered at
all. Needs a gateway that runs and is ready. Run again, it finds nothing more to do. Ends with 1 if something is left.
Requests from before the oldest decision of the ledger are let be: it does not tell whether they were accepted.

  --url         where the gateway listens; default http://127.0.0.1 and PORT, or 8080
  --older-than  let younger requests be, in seconds; default ${DEFAULT_OLDER_THAN_SECONDS}
  --days        how far to look back, 1 to ${MAX_DAYS}; default ${MAX_DAYS}

WAL_DIR and WORM_BASE_DIR name the directories, as for the gateway.
`;

/** Makes good what an outage or a crash left unanswered. */
export async function replayInbox(args: readonly string[]): Promise<number> {
  const options = readOptions(args, USAGE, ['url', 'older-than', 'days']);
  if (options === undefined) return 0;
  const { env } = process;
  const inboxDirectory = await existing('WAL_DIR', readText(env, 'WAL_DIR') ?? 'data/wal');
  const ledgerDirectory = await existing('WORM_BASE_DIR', readText(env, 'WORM_BASE_DIR') ?? 'data/audit-worm');
  const url = options.url ?? `http://127.0.0.1:${readInteger(env, 'PORT', 8080, { min: 1, max: 65_535 })}`;
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new ConfigError('PTC_E002', '--url', url, 'give the URL of a gateway, such as http://127.0.0.1:8080');
  }
  const seconds = wholeNumber('--older-than', options['older-than'] ?? `${DEFAULT_OLDER_THAN_SECONDS}`, 0, 86_400);
  const days = wholeNumber('--days', options.days ?? `${MAX_DAYS}`, 1, MAX_DAYS);
  const obstacle = await whyNotReady(url);
  if (obstacle !== undefined) {
    process.stderr.write(`portcullis: ${obstacle}\n`);
    return 1;
  }

  const now = Date.now();
  const period = { from: now - days * 86_400_000, until: now - seconds * 1_000 };
  const unanswered = await findUnanswered(inboxDirectory, ledgerDirectory, period);
  const { ids, found, accepted, refused, repeated, tooOld } = unanswered;
  process.stdout.write(
    `in the inbox log: ${found} requests, of which ${accepted} were accepted, ${refused} refused, ${repeated} sent more than once; to submit: ${ids.size}\n`,
  );
  if (tooOld > 0) {
    process.stderr.write(
      `portcullis: ${tooOld} requests came before the oldest decision of the ledger and are let be: it does not tell whether they were accepted\n`,
    );
  }
  if (ids.size === 0) return tooOld > 0 && tooOld === found ? 1 : 0;

  const progress = showProgress(ids.size);
  const pass = await readPass(inboxDirectory);
  const done = await resubmit(recordsOf(inboxDirectory, ids), { url, pass, onDone: () => progress.add(1) });
  progress.end();
  const left = ids.size - done.accepted - done.escalated - done.refused;
  process.stdout.write(
    `submitted: ${done.accepted} accepted, ${done.escalated} escalated, ${done.refused} refused, ${left} left\n`,
  );
  return left === 0 ? 0 : 1;
}

function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new ConfigError('PTC_E003', option, text, `give a whole number from ${min} to ${max}`);
}

/** Without the ledger everything would look unanswered, and without the inbox log nothing. */
async function existing(name: string, path: string): Promise<string> {
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isDirectory) return path;
  throw new ConfigError('PTC_E013', name, path, 'name the directory that the gateway uses');
}

async function* recordsOf(directory: string, ids: ReadonlySet<string>): AsyncGenerator<InboxRecord> {
  for await (const record of readInboxLog(directory)) if (ids.has(record.head.decision_id)) yield record;
}

/** A gateway that is not ready would refuse everything once more. */
async function whyNotReady(url: string): Promise<string | undefined> {
  const response = await fetch(new URL('/ready', url), { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  if (response === undefined) return 'no gateway answers there: start it, or give --url';
  const { ready, failing } = (await response.json().catch(() => ({}))) as { ready?: unknown; failing?: unknown };
  if (ready === true) return undefined;
  const names = Array.isArray(failing) ? failing.filter((name) => /^[a-z]{1,20}$/.test(name)) : [];
  return `the gateway is not ready${names.length > 0 ? ` (${names.join(', ')})` : ''}: run this again when it is`;
}
