import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareIndex } from '../../../gateway/postgres/compare-index.ts';
import { metric, startTestGateway, type TestGateway } from '../../helpers/gateway.ts';
import { send } from '../../helpers/http.ts';
import { signedBody, wireRecord } from '../../helpers/pcs.ts';
import { serverDatabase, type TestDatabase } from './databases.ts';
import { withOperations, withTenant } from './free-text.ts';

let it: TestDatabase;
beforeAll(async () => {
  it = await serverDatabase();
});
afterAll(() => it.drop());

/** One tenant, by another name than that of a gateway with one. */
const tenantEnv = (tenant: string): Record<string, string> => ({
  TENANTS: `${tenant}:hmac:testsecret`,
  DEFAULT_TENANT: tenant,
  PCS_SIGN_ALG: '',
  PCS_HMAC_KEY: '',
});

const start = (env: Record<string, string> = {}): Promise<TestGateway> =>
  startTestGateway({ POSTGRES_CONN: it.url('app'), ...env });

/** Waits until everything in the ledger is in PostgreSQL too. */
async function caughtUp(gateway: TestGateway): Promise<string> {
  for (;;) {
    const text = await gateway.metrics();
    if (metric(text, 'portcullis_ledger_index_lag') === 0) return text;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const ready = async ({ gateway }: TestGateway): Promise<unknown> => {
  const { status, body } = await send(gateway.port, { method: 'GET', path: '/ready' });
  return [status, JSON.parse(body)];
};

const letters = (tenant: string): Promise<readonly Record<string, unknown>[]> =>
  withTenant(it.db, tenant, (query) => query('select error_class, detail from portcullis.dead_letters order by id'));

test.each([1, 50])(
  'a storm of %i malformed requests leaves as many dead letters, also when it comes again',
  async (n) => {
    const tenant = `storm-${n}`;
    const gateway = await start(tenantEnv(tenant));
    const bodies = Array.from({ length: n }, (_one, at) =>
      at % 2 === 0 ? `{"canary":${at}` : `{"schema":"canary-${at}"}`,
    );
    for (let time = 0; time < 2; time++) {
      const answers = await Promise.all(bodies.map((body) => gateway.submit(body)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]));
    }
    const text = await caughtUp(gateway);
    expect(metric(text, 'portcullis_dead_letters_total')).toBe(n);
    expect(metric(text, 'portcullis_ledger_index_rows_total')).toBe(2 * n);
    const found = await letters(tenant);
    expect(found.length).toBe(n);
    expect(JSON.stringify(found)).not.toContain('canary');
    expect(found[0]).toEqual({ error_class: 'PTC_D105', detail: 'Malformed JSON; guard pcs-format' });
  },
);

test('what is refused for another reason, or accepted, leaves none; each has its row', async () => {
  const gateway = await start(tenantEnv('calm'));
  expect((await gateway.submit(await signedBody(wireRecord()))).status).toBe(200);
  expect((await gateway.submit(JSON.stringify({ ...wireRecord(), sig: 'AAAA' }))).status).toBe(401);
  await caughtUp(gateway);
  expect(await letters('calm')).toEqual([]);
  const rows = await withTenant(it.db, 'calm', (query) =>
    query('select outcome, code from portcullis.ledger_index order by entry_index'),
  );
  expect(rows).toEqual([
    { outcome: 'allow', code: null },
    { outcome: 'deny', code: expect.stringMatching(/^PTC_D30\d$/) },
  ]);
  await gateway.gateway.close();
  expect(await compareIndex(it.db, `${gateway.directory}/ledger`)).toMatchObject({ entries: 2, behind: 0 });
});

test('without PostgreSQL for a while: answers go on, /ready and metrics say so, and the rows are made good', async () => {
  const gateway = await start(tenantEnv('away'));
  await caughtUp(gateway);
  expect(await ready(gateway)).toEqual([200, { ready: true }]);
  await it.sql(`alter role ${it.roles.app} with nologin`);
  await it.sql('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [it.roles.app]);
  try {
    expect((await gateway.submit(await signedBody(wireRecord()))).status).toBe(200);
    expect((await gateway.submit('{')).status).toBe(400);
    while (metric(await gateway.metrics(), 'portcullis_ledger_index_failures_total') < 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await ready(gateway)).toEqual([503, { ready: false, failing: ['postgres'] }]);
    expect(metric(await gateway.metrics(), 'portcullis_ledger_index_lag')).toBe(2);
  } finally {
    await it.sql(`alter role ${it.roles.app} with login`);
  }
  await caughtUp(gateway);
  expect((await letters('away')).length).toBe(1);
  expect(await ready(gateway)).toEqual([200, { ready: true }]);
  expect(gateway.log.filter((line) => line.includes('ledger_index_')).map((line) => JSON.parse(line).event)).toEqual([
    'ledger_index_down',
    'ledger_index_up',
  ]);
  expect(gateway.log.join('\n')).not.toContain(it.roles.app);
});

test('what a gateway left is written by the next one in its directory', async () => {
  const env = tenantEnv('next');
  const first = await startTestGateway(env);
  await first.submit(await signedBody(wireRecord()));
  await first.gateway.close();
  const directory = `${first.directory}/ledger`;
  const second = await start({ ...env, WORM_BASE_DIR: directory });
  await caughtUp(second);
  const rows = await withOperations(it.db, (query) =>
    query("select tenant_id, kind from portcullis.ledger_index where tenant_id = 'next'"),
  );
  expect(rows).toEqual([{ tenant_id: 'next', kind: 'decision' }]);
});

test('PGlite serves as the database of a gateway too', async () => {
  const gateway = await startTestGateway({ POSTGRES_CONN: 'pglite:memory', DEDUP_BACKEND: 'postgres' });
  const body = await signedBody(wireRecord());
  const first = await gateway.submit(body);
  expect([first.status, (await gateway.submit(body)).body]).toEqual([200, first.body]);
  await gateway.submit('{');
  const text = await caughtUp(gateway);
  expect(metric(text, 'portcullis_dead_letters_total')).toBe(1);
  expect(metric(text, 'flk_dedup_hits')).toBe(1);
}, 120_000);
