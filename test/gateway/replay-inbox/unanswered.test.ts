import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { openInboxLog } from '../../../gateway/inbox-log.ts';
import { findUnanswered } from '../../../gateway/replay-inbox/unanswered.ts';
import { tempDirectory } from '../../helpers/temp.ts';

const ALWAYS = { from: 0, until: Number.MAX_SAFE_INTEGER };

interface Taken {
  readonly id: string;
  readonly body: string;
  readonly tenant?: string | null;
  readonly at?: number;
}

interface Entry {
  readonly id: string;
  readonly status: number;
  /** The body as it came in. */
  readonly body?: string;
  readonly tenant?: string | null;
  readonly corrects?: string;
  /** When it was decided; default at the very beginning. */
  readonly at?: number;
  readonly verdicts?: unknown;
  /** The guard that refused it, and why. */
  readonly guard?: string;
  readonly code?: string;
}

const SIGNED = [{ guard: 'signature', verdict: 'pass' }];

/** Both logs as a gateway leaves them, and what is found in them. */
async function find(taken: readonly Taken[], entries: readonly Entry[], period = ALWAYS) {
  const directory = await tempDirectory();
  const inbox = await openInboxLog(`${directory}/wal`);
  for (const { id, body, tenant = 'acme', at = 1_000 } of taken) {
    await inbox.append({ head: { at, decision_id: id, tenant }, body: Buffer.from(body) });
  }
  await inbox.close();
  const lines = entries.map(({ id, status, body, tenant = 'acme', corrects, at = 0, verdicts = SIGNED, ...why }) =>
    JSON.stringify({
      ...why,
      kind: 'decision',
      timestamp: new Date(at).toISOString(),
      verdicts,
      decision_id: id,
      tenant,
      status,
      body_digest: body === undefined ? null : createHash('sha256').update(body).digest('hex'),
      ...(corrects && { corrects }),
    }),
  );
  const path = join(directory, 'ledger/2030/01/01/000000.jsonl');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${lines.join('\n')}\nnot json\n{"kind":"admin"}\n{"torn`);
  const { ids, ...counts } = await findUnanswered(`${directory}/wal`, `${directory}/ledger`, period);
  return { ids: [...ids], ...counts };
}

test('no logs, nothing to do', async () => {
  const directory = await tempDirectory();
  expect(await findUnanswered(`${directory}/none`, `${directory}/neither`, ALWAYS)).toMatchObject({ found: 0 });
});

test.each([
  [200, 'accepted'],
  [202, 'accepted'],
  [400, 'refused'],
  [401, 'refused'],
  [429, 'refused'],
])('a decision with status %i is an answer', async (status, word) => {
  const { ids, ...counts } = await find([{ id: 'd', body: 'x' }], [{ id: 'd', status, body: 'x' }]);
  expect([ids, counts]).toEqual([[], { found: 1, accepted: 0, refused: 0, repeated: 0, tooOld: 0, [word]: 1 }]);
});

test('a 503 is none, and neither is no decision at all', async () => {
  const taken = [
    { id: 'crashed', body: 'x' },
    { id: 'out', body: 'y' },
  ];
  expect((await find(taken, [{ id: 'out', status: 503, body: 'y' }])).ids).toEqual(['crashed', 'out']);
});

test('the last word counts: an acceptance that was corrected is none', async () => {
  const { ids } = await find(
    [{ id: 'd', body: 'x' }],
    [
      { id: 'd', status: 200, body: 'x' },
      { id: 'd', status: 503, body: 'x', corrects: 'd' },
    ],
  );
  expect(ids).toEqual(['d']);
});

test('a body that was accepted under another decision is answered, before or after', async () => {
  const taken = [{ id: 'out', body: 'x' }];
  const out = { id: 'out', status: 503, body: 'x' };
  const again = { id: 'again', status: 200, body: 'x' };
  expect(await find(taken, [out, again])).toMatchObject({ ids: [], accepted: 1 });
  expect(await find(taken, [again, out])).toMatchObject({ ids: [], accepted: 1 });
  expect(await find(taken, [out, { ...again, status: 400 }])).toMatchObject({ ids: [], refused: 1 });
  // That one came too often says nothing of the other.
  expect((await find(taken, [out, { ...again, status: 429 }])).ids).toEqual(['out']);
  expect((await find(taken, [out, { ...again, tenant: 'globex' }])).ids).toEqual(['out']);
  expect((await find(taken, [out, { ...again, body: 'y' }])).ids).toEqual(['out']);
});

test('a body that was redacted is known by both of its digests', async () => {
  const taken = [{ id: 'out', body: 'redacted' }];
  const out = { id: 'out', status: 503, body: 'as it came in' };
  expect((await find(taken, [out])).ids).toEqual(['out']);
  // The client itself sent it again.
  expect((await find(taken, [out, { id: 'client', status: 200, body: 'as it came in' }])).ids).toEqual([]);
  // It was submitted from here.
  expect((await find(taken, [out, { id: 'here', status: 200, body: 'redacted' }])).ids).toEqual([]);
});

test('a body that was sent again and again is submitted once', async () => {
  const taken = [1, 2, 3].map((n) => ({ id: `d${n}`, body: 'x' }));
  const entries = taken.map(({ id }) => ({ id, status: 503, body: 'x' }));
  expect(await find(taken, entries)).toMatchObject({ ids: ['d1'], found: 3, repeated: 2 });
  const others = [...taken, { id: 'd4', body: 'x', tenant: 'globex' }, { id: 'd5', body: 'x', tenant: null }];
  expect((await find(others, entries)).ids).toEqual(['d1', 'd4', 'd5']);
});

test('only the period counts', async () => {
  const taken = [10, 20, 30].map((at) => ({ id: `at ${at}`, body: String(at), at }));
  const other = { id: 'x', status: 200 };
  expect(await find(taken, [other], { from: 20, until: 30 })).toMatchObject({ ids: ['at 20'], found: 1 });
});

test('what came before the oldest decision of the ledger may have had its own: it is let be', async () => {
  const taken = [10, 20, 30].map((at) => ({ id: `at ${at}`, body: String(at), at }));
  const oldest = { id: 'x', status: 200, at: 20 };
  expect(await find(taken, [oldest])).toMatchObject({ ids: ['at 20', 'at 30'], found: 3, repeated: 0, tooOld: 1 });
  // Its own decision is known.
  const own = { id: 'at 10', status: 503, at: 30 };
  expect(await find(taken, [oldest, own])).toMatchObject({ ids: ['at 10', 'at 20', 'at 30'], tooOld: 0 });
  expect(await find(taken, [])).toMatchObject({ ids: [], found: 3, tooOld: 3 });
});

test('a refusal that anybody can cause for a body cancels nothing that is owed', async () => {
  const taken = [{ id: 'out', body: 'x' }];
  const out = { id: 'out', status: 503, body: 'x' };
  for (const verdicts of [[], undefined, 'x', [null], [{ guard: 'signature', verdict: 'deny' }]]) {
    const theirs = { id: 'theirs', status: 415, body: 'x', verdicts: verdicts ?? null };
    expect((await find(taken, [out, theirs])).ids).toEqual(['out']);
  }
  // Of the request itself it is the last word.
  expect((await find(taken, [{ ...out, status: 415, verdicts: [] }])).ids).toEqual([]);
});

test('what was refused since then for its form or its signature is answered, whoever sent it', async () => {
  const taken = [{ id: 'out', body: 'x' }];
  const out = { id: 'out', status: 503, body: 'x' };
  const wrong = { id: 'again', status: 401, body: 'x', at: 1_000, guard: 'signature', code: 'PTC_D303', verdicts: [] };
  const noJson = { ...wrong, status: 400, guard: 'pcs-format', code: 'PTC_D105' };
  for (const again of [wrong, noJson, { ...noJson, status: 401, code: 'PTC_D301' }]) {
    expect(await find(taken, [out, again])).toMatchObject({ ids: [], refused: 1 });
    // Its key may have come to be valid between the two.
    expect((await find(taken, [{ ...again, at: 999 }, out])).ids).toEqual(['out']);
    expect((await find(taken, [out, { ...again, tenant: 'globex' }])).ids).toEqual(['out']);
    expect(await find(taken, [out, again, { id: 'valid', status: 200, body: 'x' }])).toMatchObject({ accepted: 1 });
  }
  // Headers of whoever sends it, or the tenant that was stopped for a while.
  for (const code of ['PTC_D104', 'PTC_D404']) {
    const theirs = { ...noJson, status: 415, code };
    expect((await find(taken, [out, theirs])).ids).toEqual(['out']);
  }
  expect((await find(taken, [out, { ...wrong, guard: 'tenant', code: 'PTC_D304' }])).ids).toEqual(['out']);
});
