import process from 'node:process';
import { type AnchoredNotes, readAnchored } from '../../gateway/ledger/anchored-notes.ts';
import { laterOf } from '../../gateway/ledger/entry-time.ts';
import { ledgerSegments } from '../../gateway/ledger/read.ts';
import { begunAt, type SegmentBound } from '../../gateway/ledger/segment-range.ts';
import { verifyLedger } from '../../gateway/ledger/verify.ts';
import { ConfigError } from '../../src/errors.ts';
import { readArguments } from '../options.ts';
import { describeFault, describeSound } from './describe.ts';
import { checkIndex, describeIndex, describeIndexFault } from './index-check.ts';
import { bytesOf, ledgerDirectory, verifierKeys } from './inputs.ts';
import { printable } from './printable.ts';
import { showProgress } from './progress.ts';

/** Verifies a ledger; 1 with the first fault. */
export async function verify(args: readonly string[], usage: string): Promise<number> {
  const given = readArguments(args, usage, {
    texts: ['dir', 'key', 'anchor', 'from', 'to'],
    flags: ['json', 'postgres'],
  });
  if (given === undefined) return 0;
  const { values, flags } = given;
  const directory = await ledgerDirectory(values.dir);
  const from = bound('--from', values.from, 'T00:00:00Z');
  const to = bound('--to', values.to, 'T23:59:59.999Z');
  if (from !== undefined && to !== undefined && typeof from === typeof to && from > to) throw emptyRange('--to', to);
  const verifiers = values.key === undefined ? undefined : await verifierKeys(values.key);
  const anchored = values.anchor === undefined ? undefined : await anchoredNotes(values.anchor);
  const progress = showProgress(await bytesOf(directory));
  /** What the ledger reaches to: its last segment was written to from then on. */
  let latest = await lastBegunAt(directory);
  const result = await verifyLedger({
    directory,
    onProgress: progress.add,
    ...(from instanceof Date && {
      onEntry({ timestamp }) {
        latest = laterOf(latest, timestamp);
      },
    }),
    ...(verifiers && { verifiers }),
    ...(anchored && { anchored: anchored.notes }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  }).finally(progress.end);
  const { fault } = result;
  if (fault === undefined && (from ?? to) !== undefined) {
    const { first, size, segments } = result;
    if (segments === 0 || (typeof to === 'number' && to < first)) throw emptyRange('--to', to);
    // The last segment is chosen for whatever lies behind it.
    if (typeof from === 'number' ? from >= size : from !== undefined && from.getTime() > latest) {
      throw emptyRange('--from', from);
    }
  }
  // Against a ledger that does not hold there is nothing to compare with.
  const index = fault === undefined && flags.has('postgres') ? await checkIndex(directory) : undefined;
  const ok = fault === undefined && index?.fault === undefined;
  const leftOut = anchored?.leftOut ?? 0;
  const more = { ...(index && { index }), ...(anchored && { leftOut }) };
  if (flags.has('json')) process.stdout.write(`${printable(JSON.stringify({ ok, ...result, ...more }))}\n`);
  else if (fault !== undefined) process.stderr.write(`portcullis: ${describeFault(fault)}\n`);
  else {
    process.stdout.write(describeSound(result, verifiers !== undefined, leftOut));
    if (index?.fault !== undefined) process.stderr.write(`portcullis: ${describeIndexFault(index.fault)}\n`);
    else if (index !== undefined) process.stdout.write(describeIndex(index));
  }
  return ok ? 0 : 1;
}

async function lastBegunAt(directory: string): Promise<number> {
  const last = (await ledgerSegments(directory)).at(-1);
  return last === undefined ? 0 : begunAt(last.name);
}

/** An index, or a time; of a date alone its first or last moment, UTC. */
function bound(option: string, text: string | undefined, moment: string): SegmentBound | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const [, date, time] =
    /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.exec(text) ?? [];
  const at = date === undefined ? Number.NaN : Date.parse(`${date}${time ?? moment}`);
  // Of a day that a month does not have, Date makes one of the next month.
  if (Number.isNaN(at) || new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10) !== date) {
    throw new ConfigError(
      'PTC_E002',
      option,
      text,
      'give the index of an entry, or a time such as 2030-12-31T23:59:00Z',
    );
  }
  return new Date(at);
}

function emptyRange(option: string, bound: SegmentBound | undefined): ConfigError {
  return new ConfigError(
    'PTC_E003',
    option,
    bound,
    'there is no entry from --from to --to: give bounds within the ledger',
  );
}

async function anchoredNotes(path: string): Promise<AnchoredNotes> {
  const found = await readAnchored(path).catch(() => {
    throw new ConfigError('PTC_E013', '--anchor', path, 'give the path of a file that can be read');
  });
  if (found.notes.length > 0) return found;
  throw new ConfigError('PTC_E013', '--anchor', path, 'give a file with checkpoints, as LEDGER_ANCHOR writes it');
}
