import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type LedgerIndex, type LedgerIndexOptions, openLedgerIndex } from '../../../gateway/postgres/ledger-index.ts';
import { tempDirectory } from '../../helpers/temp.ts';
import { DATABASES, START_MS, type TestDatabase } from './databases.ts';
import { withOperations, withTenant } from './free-text.ts';
import { decisionRecord, expire, type TestLedger, testLedger } from './ledger-files.ts';

const PCS = 'c'.repeat(64);

describe.each(DATABASES)('%s', (_name, open) => {
  let it: TestDatabase;
  beforeAll(async () => {
    it = await open();
  }, START_MS);
  afterAll(() => it.drop());

  async function indexOf(ledger: TestLedger, options: Partial<LedgerIndexOptions> = {}): Promise<LedgerIndex> {
    const index = await openLedgerIndex({ db: it.db, directory: ledger.directory, size: ledger.size, ...options });
    onTestFinished(() => index.close());
    return index;
  }

  const rowsOf = ({ hashes }: TestLedger): Promise<readonly Record<string, unknown>[]> =>
    withOperations(it.db, (query) =>
      query(
        `select tenant_id, entry_index::int as entry_index, kind, pcs_id, outcome, code, entry_hash
         from portcullis.ledger_index where ledger_id = $1 order by entry_index`,
        [hashes[0]],
      ),
    );

  test('each entry gets a row under its tenant, over segments, and no second one', async () => {
    const ledger = testLedger(await tempDirectory());
    await ledger.append([decisionRecord({ pcs_id: PCS }), decisionRecord({ tenant: 'globex', code: 'PTC_D303' })]);
    const index = await indexOf(ledger);
    await index.flush();
    ledger.begin('2031/01/01/000000.jsonl');
    await ledger.append([
      decisionRecord({ tenant: null }),
      { kind: 'recovery', timestamp: '2031-01-01T00:00:00.000Z' },
    ]);
    index.nudge();
    await index.flush();
    const expected = [
      ['acme', 0, 'decision', PCS, 'allow', null],
      ['globex', 1, 'decision', null, 'allow', 'PTC_D303'],
      [null, 2, 'decision', null, 'allow', null],
      [null, 3, 'recovery', null, null, null],
    ].map((row, at) => [...row, ledger.hashes[at]]);
    expect((await rowsOf(ledger)).map((row) => Object.values(row))).toEqual(expected);
    expect(index.indexed).toBe(4);

    const seen = await withTenant(it.db, 'globex', (query) =>
      query('select entry_hash from portcullis.ledger_index where ledger_id = $1', [ledger.hashes[0]]),
    );
    expect(seen).toEqual([{ entry_hash: ledger.hashes[1] }]);

    await index.close();
    await rm(join(ledger.directory, 'postgres-index.json'));
    const again = await indexOf(ledger);
    await again.flush();
    expect((await rowsOf(ledger)).map((row) => Object.values(row))).toEqual(expected);
  });

  test('reading goes on where it stopped, in a segment that has grown', async () => {
    const ledger = testLedger(await tempDirectory());
    await ledger.append([decisionRecord({ code: 'PTC_D305' })]);
    const first = await indexOf(ledger);
    await first.close();
    expect(JSON.parse(await readFile(join(ledger.directory, 'postgres-index.json'), 'utf8'))).toMatchObject({
      ledgerId: ledger.hashes[0],
      index: 1,
    });
    await ledger.append([decisionRecord(), decisionRecord()]);
    const read: number[] = [];
    const second = await indexOf(ledger, { onWritten: ({ entries }) => read.push(entries) });
    await second.flush();
    expect(read).toEqual([2]);
    expect((await rowsOf(ledger)).map(({ entry_hash }) => entry_hash)).toEqual(ledger.hashes);
  });

  test('what is not durable yet is not read', async () => {
    const ledger = testLedger(await tempDirectory());
    await ledger.append([decisionRecord({ code: 'PTC_D501' }), decisionRecord()]);
    const index = await indexOf(ledger, { size: () => 1 });
    await index.flush();
    expect((await rowsOf(ledger)).length).toBe(1);
  });

  test('many entries, of many tenants, in batches, without a gap', async () => {
    const ledger = testLedger(await tempDirectory());
    await ledger.append(
      Array.from({ length: 1_234 }, (_one, at) => decisionRecord({ tenant: `t${at % 7}`, epoch: at })),
    );
    const index = await indexOf(ledger);
    await index.flush();
    expect((await rowsOf(ledger)).map(({ entry_hash }) => entry_hash)).toEqual(ledger.hashes);
  });

  test('a lane is not filled by whoever claims to be its tenant: so many letters a day, in batches', async () => {
    const ledger = testLedger(await tempDirectory());
    let letters = 0;
    const index = await indexOf(ledger, { maxLetters: 3, onWritten: ({ deadLetters }) => (letters += deadLetters) });
    const send = async (tenant: string, day: string): Promise<number> => {
      const body_digest = `${letters}${randomUUID()}`;
      const record = { tenant, code: 'PTC_D105', body_digest, timestamp: `${day}T12:00:00.000Z` };
      const before = letters;
      await ledger.append([decisionRecord(record)]);
      index.nudge();
      await index.flush();
      return letters - before;
    };
    const seen: number[] = [];
    for (let at = 0; at < 5; at++) seen.push(await send('flooded', '2031-03-01'));
    seen.push(await send('spared', '2031-03-01'), await send('flooded', '2031-03-02'));
    expect(seen).toEqual([1, 1, 1, 0, 0, 1, 1]);
    expect(index.indexed).toBe(7);
  });

  test('malformed requests become dead letters of their tenant, one for each body, also when they come again', async () => {
    const ledger = testLedger(await tempDirectory());
    const malformed = (at: number): ReturnType<typeof decisionRecord> =>
      decisionRecord({
        tenant: 'storm',
        decision_id: `d-${Math.random()}`,
        body_digest: String(at).padStart(64, '0'),
        outcome: 'deny',
        code: at % 2 === 0 ? 'PTC_D105' : 'PTC_D402',
        guard: 'pcs-format',
        verdicts: [
          { guard: 'pcs-format', verdict: 'deny', stage: 'enforce', rules: ['pcs-format/field-type', 'canary value'] },
        ],
      });
    const storm = Array.from({ length: 50 }, (_one, at) => malformed(at));
    await ledger.append([...storm, decisionRecord({ tenant: 'storm', code: 'PTC_D303' })]);
    let counted = 0;
    const index = await indexOf(ledger, { onWritten: ({ deadLetters }) => (counted += deadLetters) });
    await index.flush();
    await ledger.append(Array.from({ length: 50 }, (_one, at) => malformed(at)));
    await index.flush();
    const letters = await withTenant(it.db, 'storm', (query) =>
      query('select lane, source_id, error_class, detail from portcullis.dead_letters order by source_id'),
    );
    expect(letters.length).toBe(50);
    expect(counted).toBe(50);
    expect(letters.slice(0, 2)).toEqual([
      {
        lane: 'tenant',
        source_id: '0'.repeat(64),
        error_class: 'PTC_D105',
        detail: 'Malformed JSON; guard pcs-format; rule pcs-format/field-type',
      },
      {
        lane: 'tenant',
        source_id: `${'0'.repeat(63)}1`,
        error_class: 'PTC_D402',
        detail: 'Field of the wrong type; guard pcs-format; rule pcs-format/field-type',
      },
    ]);
    expect(
      await withTenant(it.db, 'acme', (query) =>
        query("select 1 from portcullis.dead_letters where tenant_id = 'storm'"),
      ),
    ).toEqual([]);
  });

  test('a line that is no entry has no row, and a letter that only operations see; the rest goes on', async () => {
    const ledger = testLedger(await tempDirectory());
    await ledger.append([decisionRecord({ code: 'PTC_D502' })]);
    await ledger.appendLine('{"kind":"decision","canary":1}');
    await ledger.append([decisionRecord()]);
    const index = await indexOf(ledger);
    await index.flush();
    expect((await rowsOf(ledger)).map(({ entry_index }) => entry_index)).toEqual([0, 2]);
    const find =
      "select source_id, lane, tenant_id, detail from portcullis.dead_letters where error_class = 'ledger_entry_unsound'";
    expect(await withOperations(it.db, (query) => query(find))).toEqual([
      {
        source_id: `${ledger.hashes[0]}:1`,
        lane: 'operations',
        tenant_id: null,
        detail: expect.not.stringContaining('canary'),
      },
    ]);
    for (const tenant of ['acme', null]) expect(await withTenant(it.db, tenant, (query) => query(find))).toEqual([]);
  });

  test('who took the place of an entry keeps no true row out', async () => {
    const ledger = testLedger(await tempDirectory());
    await ledger.append([decisionRecord({ tenant: 'globex' }), decisionRecord({ tenant: null })]);
    for (const at of [0, 1]) {
      await withTenant(it.db, 'acme', (query) =>
        query(
          "insert into portcullis.ledger_index values ($1, $2, 'acme', 'decision', null, null, now(), null, null, $3)",
          [ledger.hashes[0], at, 'f'.repeat(64)],
        ),
      );
    }
    await (await indexOf(ledger)).flush();
    const hashes = (await rowsOf(ledger)).map(({ entry_hash }) => entry_hash);
    for (const hash of ledger.hashes) expect(hashes).toContain(hash);
  });

  test('a position that is lost when the first entries are gone leads to the same rows', async () => {
    const ledger = testLedger(await tempDirectory());
    await ledger.append([decisionRecord()]);
    ledger.begin('2031/01/01/000000.jsonl');
    await ledger.append([decisionRecord({ tenant: null }), decisionRecord()]);
    const before = await indexOf(ledger);
    await before.flush();
    await before.close();
    await expire(ledger, 1);
    await rm(join(ledger.directory, 'postgres-index.json'));
    const count = (): Promise<unknown> => it.sql('select count(*)::int as count from portcullis.ledger_index');
    const rows = await count();
    const again = await indexOf(ledger);
    await again.flush();
    expect(again.indexed).toBe(3);
    expect(await count()).toEqual(rows);
  });

  test('entries that retention deleted before they were read are told of, once', async () => {
    const ledger = testLedger(await tempDirectory());
    await ledger.append([decisionRecord()]);
    const before = await indexOf(ledger);
    await before.flush();
    await before.close();
    await ledger.append([decisionRecord(), decisionRecord()]);
    ledger.begin('2031/01/01/000000.jsonl');
    await ledger.append([decisionRecord()]);
    await expire(ledger, 3);
    const gaps: number[] = [];
    const index = await indexOf(ledger, { onGap: (entries) => gaps.push(entries) });
    await index.flush();
    await index.flush();
    expect(gaps).toEqual([2]);
    expect(index.indexed).toBe(4);
  });

  test('calls of the admin API are audited there too, for operations', async () => {
    const ledger = testLedger(await tempDirectory());
    await ledger.append([
      { kind: 'admin', timestamp: '2030-12-31T23:59:58.000Z', tenant: 'acme', action: 'rotate', actor: 'ops-1' },
    ]);
    const index = await indexOf(ledger);
    await index.flush();
    const rows = await withOperations(it.db, (query) =>
      query('select tenant_id, record from portcullis.admin_audit where ledger_id = $1', [ledger.hashes[0]]),
    );
    expect(rows).toEqual([
      { tenant_id: 'acme', record: expect.objectContaining({ action: 'rotate', actor: 'ops-1' }) },
    ]);
  });
});

test('while PostgreSQL is away the ledger is what is kept; rows are made good when it is back', async () => {
  const [, open] = DATABASES[0];
  const it = await open();
  onTestFinished(() => it.drop());
  const ledger = testLedger(await tempDirectory());
  await ledger.append([decisionRecord()]);
  const errors: unknown[] = [];
  const index = await openLedgerIndex({
    db: it.db,
    directory: ledger.directory,
    size: ledger.size,
    onError: (error) => errors.push(error),
  });
  onTestFinished(() => index.close());
  await index.flush();
  await it.sql(`alter role ${it.roles.app} with nologin`);
  await it.sql('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [it.roles.app]);
  await ledger.append([decisionRecord({ code: 'PTC_D105' })]);
  await expect(index.flush()).rejects.toMatchObject({ name: 'StoreError' });
  expect([index.healthy, index.indexed]).toEqual([false, 1]);
  expect(errors.length).toBeGreaterThan(0);
  await it.sql(`alter role ${it.roles.app} with login`);
  await index.flush();
  expect([index.healthy, index.indexed]).toEqual([true, 2]);
  expect(await it.sql('select count(*)::int as count from portcullis.ledger_index')).toEqual([{ count: 2 }]);
});

test('a position that is damaged, past the end or leads nowhere counts as lost', async () => {
  const [, open] = DATABASES[0];
  const it = await open();
  onTestFinished(() => it.drop());
  const position = { ledgerId: 'f'.repeat(64), segment: '2030/12/31/235958.jsonl', offset: 0, index: 0 };
  for (const text of [
    '{"ledgerId":"../x","segment":"../../etc/passwd.jsonl"',
    JSON.stringify({ ...position, index: 1_000_000_000_000_000 }),
    JSON.stringify({ ...position, index: 3 }),
    JSON.stringify(position),
    JSON.stringify({ ...position, offset: 1_000_000_000 }),
    JSON.stringify({ ...position, segment: '2031/01/01/000000.jsonl', offset: 7, index: 1 }),
  ]) {
    const ledger = testLedger(await tempDirectory());
    await ledger.append([decisionRecord({ decision_id: text }), decisionRecord()]);
    await writeFile(join(ledger.directory, 'postgres-index.json'), text);
    const index = await openLedgerIndex({ db: it.db, directory: ledger.directory, size: ledger.size });
    await index.flush();
    await index.close();
    expect([text, index.indexed]).toEqual([text, 2]);
    const rows = await it.sql('select entry_hash from portcullis.ledger_index where ledger_id = $1 order by 1', [
      ledger.hashes[0],
    ]);
    expect([text, rows.map(({ entry_hash }) => entry_hash)]).toEqual([text, [...ledger.hashes].sort()]);
    expect(JSON.parse(await readFile(join(ledger.directory, 'postgres-index.json'), 'utf8'))).toMatchObject({
      index: 2,
    });
  }
});

test('a ledger that is damaged so that its entries are not found leads to no endless reading', async () => {
  const [, open] = DATABASES[0];
  const it = await open();
  onTestFinished(() => it.drop());
  const ledger = testLedger(await tempDirectory());
  await ledger.append([decisionRecord({ decision_id: 'damaged' })]);
  const index = await openLedgerIndex({ db: it.db, directory: ledger.directory, size: () => 5 });
  onTestFinished(() => index.close());
  await index.flush();
  await index.flush();
  expect(index.indexed).toBe(1);
});
