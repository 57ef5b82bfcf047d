import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { postgresReplay } from '../../../gateway/postgres/replay-store.ts';
import { sharedReplayStore } from '../../../gateway/stores/shared-replay.ts';
import type { ReplayStore } from '../../../src/guards/replay/store.ts';
import { DATABASES, type TestDatabase } from './databases.ts';
import { withTenant } from './free-text.ts';

const ANSWER = { status: 200, headers: {}, body: 'x' };
const FOURTEEN_DAYS = 1_209_600_000;

describe.each(DATABASES)('%s', (_name, open) => {
  let it: TestDatabase;
  let store: ReplayStore;
  beforeAll(async () => {
    it = await open();
    // PGlite takes its time where others work too.
  }, 120_000);
  afterAll(() => it.drop());
  beforeEach(async () => {
    await it.sql('truncate portcullis.replay, portcullis.replay_claims');
    store = sharedReplayStore(postgresReplay(it.db));
  });

  async function accept(key: string, ttlMs = FOURTEEN_DAYS): Promise<void> {
    await store.claim(key, 'd', 0);
    await store.commit(key, 'd', ANSWER, 0, ttlMs);
  }

  test('an accepted request is kept for its time, to the millisecond, and its claim is gone', async () => {
    await store.claim('acme|12ab', 'd', 0);
    const claims = 'select tenant_id, pcs_id, body_digest, serial::int from portcullis.replay_claims';
    expect(await it.sql(claims)).toEqual([{ tenant_id: 'acme', pcs_id: '12ab', body_digest: 'd', serial: 1 }]);
    await store.commit('acme|12ab', 'd', ANSWER, 0, FOURTEEN_DAYS);
    expect(await it.sql(claims)).toEqual([]);
    const [row] = await it.sql(
      `select tenant_id, pcs_id, answer, extract(epoch from expires_at - clock_timestamp())::float8 as left_s
         from portcullis.replay`,
    );
    expect(row).toMatchObject({ tenant_id: 'acme', pcs_id: '12ab', answer: JSON.stringify(ANSWER) });
    const gone = FOURTEEN_DAYS / 1_000 - Number(row?.left_s);
    expect(gone).toBeGreaterThanOrEqual(0);
    expect(gone).toBeLessThan(5);
  });

  test('the same id of two tenants is two requests, and neither sees the other’s', async () => {
    await accept('acme|1');
    expect(await store.claim('globex|1', 'd', 0)).toEqual({ kind: 'new' });
    const seen = (tenant: string): Promise<readonly unknown[]> =>
      withTenant(it.db, tenant, (query) => query('select tenant_id from portcullis.replay_claims'));
    expect(await seen('globex')).toEqual([{ tenant_id: 'globex' }]);
    expect(await seen('acme')).toEqual([]);
  });

  test('nobody asks or keeps in the name of another tenant', async () => {
    await accept('acme|1');
    const as = (text: string): Promise<unknown> => withTenant(it.db, 'globex', (query) => query(text));
    const ask = "select kind, answer from portcullis.replay_ask('acme', '1', 'd', 'g', 1, 1000, false)";
    await expect(as(ask)).rejects.toMatchObject({ code: '42501' });
    const keep = "select * from portcullis.replay_keep('acme', '2', 'd', '', 0, null, 1000, 1000)";
    await expect(as(keep)).rejects.toMatchObject({ code: '42501' });
    expect(await it.sql('select pcs_id from portcullis.replay')).toEqual([{ pcs_id: '1' }]);
  });

  test('only the application may ask', async () => {
    const [row] = await it.sql(
      `select has_function_privilege($1, 'portcullis.replay_ask(text,text,text,text,bigint,bigint,boolean)', 'execute') as ops,
              has_function_privilege($2, 'portcullis.replay_ask(text,text,text,text,bigint,bigint,boolean)', 'execute') as app`,
      [it.roles.ops, it.roles.app],
    );
    expect(row).toEqual({ ops: false, app: true });
  });

  test('rows past their time are removed by later requests of the tenant, more than come', async () => {
    for (let at = 0; at < 20; at++) await accept(`acme|old ${at}`, 1);
    await accept('globex|old', 1);
    for (let at = 0; at < 8; at++) await accept(`acme|new ${at}`);
    expect(await it.sql("select pcs_id from portcullis.replay where pcs_id like 'old%'")).toEqual([{ pcs_id: 'old' }]);
    expect(await it.sql('select count(*)::int as kept from portcullis.replay')).toEqual([{ kept: 9 }]);
  });

  test.each(['', 'no bar', '|nobody', 'a b|1', "a'; drop table x|1"])('the key %j is of no tenant', async (key) => {
    await expect(Promise.resolve(store.claim(key, 'd', 0))).rejects.toThrow(TypeError);
  });

  test('claims wait for no disk', async () => {
    expect(await it.sql("select relpersistence from pg_class where relname = 'replay_claims'")).toEqual([
      { relpersistence: 'u' },
    ]);
  });
});
