import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { DecisionCode } from '../../src/errors.ts';
import { SIGNATURE_GUARD } from '../../src/guards/signature/guard.ts';
import { type InboxHead, readInboxLog } from '../inbox-log.ts';
import { ledgerSegments, readLines } from '../ledger/read.ts';
import { errorKind } from '../log.ts';

/** Which requests of the inbox log are looked at, by the time at which they came in. */
export interface Period {
  /** Milliseconds since the epoch. */
  readonly from: number;
  /** Exclusive: requests that came later may be under way. */
  readonly until: number;
}

/** What became of the requests that the inbox log holds, as the ledger tells. */
export interface Unanswered {
  /** Decision ids of requests to submit again, one for each tenant and body. */
  readonly ids: ReadonlySet<string>;
  /** Requests of the period in the inbox log. */
  readonly found: number;
  /** Requests whose decision, or another one on the same body, accepted or escalated them. */
  readonly accepted: number;
  /** Requests that were refused for what they are, or for their rate: the client was told, and nothing is owed. */
  readonly refused: number;
  /** Requests with a body that another one among `ids` has too. */
  readonly repeated: number;
  /** Requests without a decision that came before the oldest one in the ledger, which may have had theirs: let be. */
  readonly tooOld: number;
}

/**
 * How a decision ended: `failed` is the gateway's own doing, and owed; `throttled` says nothing of the body, and the client was
 * told when to come back.
 */
type Ending = 'accepted' | 'refused' | 'throttled' | 'failed';

interface Decided {
  readonly ending: Ending;
  /** It tells of other requests with the same body too, where they came in until then, in milliseconds since the epoch. */
  readonly until: number;
  /** Tenant and digest of the body as it came in, which is not the one in the inbox log where something was redacted. */
  readonly body: string | undefined;
}

/** Guards that look at body and tenant: what they refuse, they refuse of every sender. */
const OF_BODY: ReadonlySet<unknown> = new Set(['pcs-format', SIGNATURE_GUARD]);
/** Except for what the content type or the version in the headers is. */
const OF_HEADERS: ReadonlySet<unknown> = new Set(['PTC_D104', 'PTC_D404'] satisfies DecisionCode[]);

/**
 * Finds what was taken in and then never answered but with a 5xx, or not at all, as after a crash or while a store was out.
 * A body that was accepted under another decision, or refused after its signature was found right, counts as answered; so does one
 * that was refused later on for its form or its signature. What came before the oldest decision of the ledger is let be:
 * whether it was accepted nobody can tell any more. Reads both logs once; memory grows with the requests of the period, some
 * 300 bytes each.
 *
 * @throws what the system says of files that cannot be read
 *
 * @example
 * const { ids } = await findUnanswered('data/wal', 'data/audit-worm', { from: 0, until: Date.now() - 60_000 });
 */
export async function findUnanswered(
  inboxDirectory: string,
  ledgerDirectory: string,
  { from, until }: Period,
): Promise<Unanswered> {
  const inbox = new Map<string, string>();
  const arrivals = new Map<string, number>();
  for await (const { head, body } of readInboxLog(inboxDirectory)) {
    if (!isHead(head) || head.at < from || head.at >= until) continue;
    arrivals.set(head.decision_id, head.at);
    inbox.set(head.decision_id, bodyKey(head.tenant, createHash('sha256').update(body).digest('hex')));
  }
  const { decided, oldest } = await decisionsOn(inbox, ledgerDirectory);
  const endings = new Map<string, Pick<Decided, 'ending' | 'until'>>();
  for (const { ending, until, body } of decided.values()) {
    if (body === undefined) continue;
    const known = endings.get(body);
    if (known?.ending !== 'accepted' && until >= (known?.until ?? 0)) endings.set(body, { ending, until });
  }
  const endingOfBody = (body: string | undefined, at: number): Ending | undefined => {
    const known = body === undefined ? undefined : endings.get(body);
    return known !== undefined && at <= known.until ? known.ending : undefined;
  };

  const ids = new Set<string>();
  const bodies = new Set<string>();
  const counts = { accepted: 0, refused: 0, throttled: 0, failed: 0 };
  let tooOld = 0;
  for (const [id, body] of inbox) {
    const own = decided.get(id);
    const at = arrivals.get(id) ?? 0;
    const all = [own?.ending, endingOfBody(body, at), endingOfBody(own?.body, at)];
    const ending = (['accepted', 'refused', 'throttled'] as const).find((one) => all.includes(one)) ?? 'failed';
    if (ending === 'failed' && own === undefined && !(at >= oldest)) {
      tooOld++;
      continue;
    }
    counts[ending]++;
    if (ending !== 'failed' || bodies.has(body)) continue;
    bodies.add(body);
    ids.add(id);
  }
  const { accepted, refused, throttled, failed } = counts;
  return { ids, found: inbox.size, accepted, refused: refused + throttled, repeated: failed - ids.size, tooOld };
}

/** The last word of the ledger on the requests of the inbox log, and on others with the same bodies; since when it has any. */
async function decisionsOn(
  inbox: ReadonlyMap<string, string>,
  directory: string,
): Promise<{ readonly decided: ReadonlyMap<string, Decided>; readonly oldest: number }> {
  let oldest: number | undefined;
  const wanted = new Set(inbox.values());
  const decided = new Map<string, Decided>();
  for await (const record of decisionRecords(directory)) {
    const { decision_id: id, tenant, status, body_digest: digest } = record;
    oldest ??= Date.parse(String(record.timestamp));
    if (typeof id !== 'string' || typeof status !== 'number') continue;
    const body = typeof digest === 'string' ? bodyKey(textOrNull(tenant), digest) : undefined;
    const isOurs = inbox.has(id);
    if (!isOurs && (body === undefined || !wanted.has(body))) continue;
    // Whoever sends a body again does so after the first answer.
    if (isOurs && body !== undefined) wanted.add(body);
    const ending = endingOf(status);
    decided.set(id, { ending, until: tellsUntil(ending, record), body });
  }
  return { decided, oldest: oldest ?? Number.POSITIVE_INFINITY };
}

/**
 * Anybody can have a body refused that they know, by other headers for instance: of other requests with it that tells nothing.
 * A key may come to be valid, and forms may change, so one that was refused for those before may be right now.
 */
function tellsUntil(ending: Ending, { verdicts, guard, code, timestamp }: Readonly<Record<string, unknown>>): number {
  if (ending === 'accepted' || (ending === 'refused' && isSigned(verdicts))) return Infinity;
  if (ending !== 'refused' || !OF_BODY.has(guard) || OF_HEADERS.has(code)) return -Infinity;
  return Date.parse(String(timestamp));
}

function isSigned(verdicts: unknown): boolean {
  return Array.isArray(verdicts) && verdicts.some((one) => one?.guard === SIGNATURE_GUARD && one.verdict === 'pass');
}

function endingOf(status: number): Ending {
  if (status < 400) return 'accepted';
  if (status === 429) return 'throttled';
  return status < 500 ? 'refused' : 'failed';
}

async function* decisionRecords(directory: string): AsyncGenerator<Readonly<Record<string, unknown>>> {
  for (const { path, present } of await ledgerSegments(directory)) {
    if (!present) continue;
    try {
      for await (const { state, text } of readLines(path)) {
        const record = state === 'whole' ? parsed(text) : undefined;
        if (record?.kind === 'decision') yield record;
      }
    } catch (error) {
      // Retention may delete a segment meanwhile.
      if (errorKind(error) !== 'ENOENT') throw error;
    }
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isHead(head: InboxHead): boolean {
  return typeof head.decision_id === 'string' && typeof head.at === 'number';
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** A text of one byte a character is half the size of hexadecimal. */
function bodyKey(tenant: string | null, digest: string): string {
  return `${tenant ?? ''}|${Buffer.from(digest, 'hex').toString('latin1')}`;
}
