import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { compareIndex } from '../../../gateway/postgres/compare-index.ts';
import { openLedgerIndex } from '../../../gateway/postgres/ledger-index.ts';
import { tempDirectory } from '../../helpers/temp.ts';
import { DATABASES, START_MS, type TestDatabase } from './databases.ts';
import { decisionRecord, expire, type TestLedger, testLedger } from './ledger-files.ts';

describe.each(DATABASES)('%s', (_name, open) => {
  let it: TestDatabase;
  beforeAll(async () => {
    it = await open();
  }, START_MS);
  afterAll(() => it.drop());

  const ADMIN = { kind: 'admin', timestamp: '2030-12-31T23:59:58.000Z', tenant: 'acme', action: 'rotate' } as const;
  let ledgers = 0;

  /** Twelve entries in two segments, all in the index. */
  async function indexed(): Promise<TestLedger> {
    const ledger = testLedger(await tempDirectory());
    // No two ledgers begin alike.
    await ledger.append([decisionRecord({ decision_id: `first-${ledgers++}` }), ADMIN]);
    await ledger.append(
      Array.from({ length: 4 }, (_one, at) => decisionRecord({ tenant: at === 2 ? null : 'globex' })),
    );
    ledger.begin('2031/01/01/000000.jsonl');
    await ledger.append(Array.from({ length: 6 }, () => decisionRecord({ pcs_id: 'c'.repeat(64), code: 'PTC_D501' })));
    await catchUp(ledger);
    return ledger;
  }

  async function catchUp(ledger: TestLedger): Promise<void> {
    const index = await openLedgerIndex({ db: it.db, directory: ledger.directory, size: ledger.size });
    await index.flush();
    await index.close();
  }

  /** As a superuser can: past every trigger. */
  async function tamper(table: string, change: string): Promise<void> {
    await it.sql(`alter table portcullis.${table} disable trigger all; ${change};
      alter table portcullis.${table} enable always trigger ${table}_append_only`);
  }

  test('an index that is as the ledger says has no fault', async () => {
    const ledger = await indexed();
    expect(await compareIndex(it.db, ledger.directory)).toEqual({ entries: 12, behind: 0 });
    await rm(join(ledger.directory, 'postgres-index.json'));
    expect(await compareIndex(it.db, ledger.directory)).toEqual({ entries: 12, behind: 0 });
  });

  test('rows that are deleted while a gateway runs and has nothing to write are missed', async () => {
    const ledger = testLedger(await tempDirectory());
    await ledger.append([decisionRecord({ decision_id: `idle-${ledgers++}` }), decisionRecord()]);
    const index = await openLedgerIndex({ db: it.db, directory: ledger.directory, size: ledger.size });
    onTestFinished(() => index.close());
    await index.flush();
    const file = join(ledger.directory, 'postgres-index.json');
    await vi.waitFor(async () => expect(JSON.parse(await readFile(file, 'utf8')).index).toBe(2), 30_000);
    await tamper('ledger_index', `delete from portcullis.ledger_index where ledger_id = '${ledger.hashes[0]}'`);
    expect(await compareIndex(it.db, ledger.directory)).toMatchObject({ fault: { index: 0, reason: 'missing' } });
  });

  test.each<[string, (id: string) => string, object]>([
    [
      'a row deleted',
      (id) => `delete from portcullis.ledger_index where ledger_id = '${id}' and entry_index = 7`,
      { index: 7, reason: 'missing' },
    ],
    [
      'the last rows deleted',
      (id) => `delete from portcullis.ledger_index where ledger_id = '${id}' and entry_index >= 9`,
      { index: 9, reason: 'missing' },
    ],
    [
      'an outcome changed',
      (id) => `update portcullis.ledger_index set outcome = 'deny' where ledger_id = '${id}' and entry_index = 3`,
      { index: 3, reason: 'differs', column: 'outcome' },
    ],
    [
      'a row given to another tenant',
      (id) => `update portcullis.ledger_index set tenant_id = 'acme' where ledger_id = '${id}' and entry_index = 4`,
      { index: 4, reason: 'differs', column: 'tenant_id' },
    ],
    [
      'a hash changed',
      (id) =>
        `update portcullis.ledger_index set entry_hash = '${'e'.repeat(64)}' where ledger_id = '${id}' and entry_index = 0`,
      { index: 0, reason: 'differs', column: 'entry_hash' },
    ],
    [
      'a time changed',
      (id) =>
        `update portcullis.ledger_index set recorded_at = recorded_at + interval '1 millisecond' where ledger_id = '${id}' and entry_index = 11`,
      { index: 11, reason: 'differs', column: 'recorded_at' },
    ],
    [
      'a row added',
      (id) =>
        `insert into portcullis.ledger_index select ledger_id, 40, tenant_id, kind, decision_id, pcs_id, recorded_at, outcome, code, entry_hash from portcullis.ledger_index where ledger_id = '${id}' and entry_index = 1`,
      { index: 40, reason: 'extra' },
    ],
    [
      'a second row in a place',
      (id) =>
        `insert into portcullis.ledger_index select ledger_id, entry_index, tenant_id, kind, decision_id, pcs_id, recorded_at, outcome, code, '${'e'.repeat(64)}' from portcullis.ledger_index where ledger_id = '${id}' and entry_index = 2`,
      { index: 2, reason: 'extra' },
    ],
    [
      'a call that nobody made',
      (id) =>
        `insert into portcullis.admin_audit select ledger_id, entry_index, tenant_id, recorded_at, '{}' from portcullis.ledger_index where ledger_id = '${id}' and entry_index = 3`,
      { index: 3, reason: 'audit' },
    ],
    [
      'a call behind the end',
      (id) => `insert into portcullis.admin_audit values ('${id}', 50, null, now(), '{}')`,
      { index: 50, reason: 'extra' },
    ],
  ])('%s by a superuser is found', async (_what, change, fault) => {
    const ledger = await indexed();
    await tamper('ledger_index', change(ledger.hashes[0] ?? ''));
    expect(await compareIndex(it.db, ledger.directory)).toMatchObject({ fault });
  });

  test.each<[string, (id: string) => string]>([
    [
      'changed',
      (id) => `update portcullis.admin_audit set record = record || '{"action":"read"}' where ledger_id = '${id}'`,
    ],
    ['deleted', (id) => `delete from portcullis.admin_audit where ledger_id = '${id}'`],
  ])('a call of the admin API %s by a superuser is found', async (_what, change) => {
    const ledger = await indexed();
    await tamper('admin_audit', change(ledger.hashes[0] ?? ''));
    expect(await compareIndex(it.db, ledger.directory)).toMatchObject({ fault: { index: 1, reason: 'audit' } });
  });

  test('a segment that is gone from the ledger is found by its rows', async () => {
    const ledger = await indexed();
    await rm(join(ledger.directory, '2031/01/01/000000.jsonl'));
    expect(await compareIndex(it.db, ledger.directory)).toMatchObject({ fault: { index: 6, reason: 'extra' } });
  });

  test('a ledger without its first segment and position is known by the rows that it has', async () => {
    const ledger = await indexed();
    await expire(ledger, 6);
    await rm(join(ledger.directory, 'postgres-index.json'));
    expect(await compareIndex(it.db, ledger.directory)).toEqual({ entries: 6, behind: 0 });
    await tamper(
      'ledger_index',
      `update portcullis.ledger_index set code = null where ledger_id = '${ledger.hashes[0]}' and entry_index = 8`,
    );
    expect(await compareIndex(it.db, ledger.directory)).toMatchObject({ fault: { index: 8, reason: 'differs' } });
  });

  test('entries that are not in the index yet are no fault, and are counted', async () => {
    const ledger = await indexed();
    await ledger.append([decisionRecord(), decisionRecord()]);
    expect(await compareIndex(it.db, ledger.directory)).toEqual({ entries: 14, behind: 2 });
    await catchUp(ledger);
    expect(await compareIndex(it.db, ledger.directory)).toEqual({ entries: 14, behind: 0 });
  });

  test('a ledger without entries has no fault', async () => {
    expect(await compareIndex(it.db, await tempDirectory())).toEqual({ entries: 0, behind: 0 });
  });
});
