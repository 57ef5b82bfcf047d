import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFakeClock } from '../../../src/testing/fake-clock.ts';
import { createPcsRecords } from '../../../src/testing/pcs-records.ts';
import { startAdminGateway } from '../../helpers/admin.ts';
import { send } from '../../helpers/http.ts';
import { START_MS, serverDatabase, type TestDatabase } from '../postgres/databases.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await serverDatabase();
}, START_MS);
afterAll(() => database.drop());

function environment(): Record<string, string> {
  return {
    TENANTS_STORE: 'postgres',
    TENANTS_STORE_FILE: '',
    POSTGRES_CONN: database.url('app'),
    POSTGRES_OPS_CONN: database.url('ops'),
    ...Object.fromEntries(
      Object.entries(database.roles).map(([role, name]) => [`POSTGRES_${role.toUpperCase()}_ROLE`, name]),
    ),
  };
}

test('two gateways share their tenants in PostgreSQL: what one changes, the other knows', async () => {
  const env = environment();
  const [one, two] = [await startAdminGateway({ env }), await startAdminGateway({ env })];
  const key = { id: '1', alg: 'hmac', key: 'a secret of acme' };
  const records = createPcsRecords({ sign: { alg: 'hmac', key: key.key } });
  const ask = async (gateway: typeof one): Promise<unknown> => {
    const { status, json } = await gateway.submit(await records.body(), { 'x-tenant-id': 'acme' });
    return json.code ?? status;
  };
  expect((await one.call('POST', '/v1/tenants', { id: 'acme', keys: [key] })).status).toBe(201);
  expect(await ask(one)).toBe(200);
  await expect.poll(() => ask(two), { timeout: 10_000 }).toBe(200);

  expect((await two.call('POST', '/v1/tenants/acme/deactivate')).json.revision).toBe(2);
  expect(await ask(two)).toBe('PTC_D304');
  await expect.poll(() => ask(one), { timeout: 10_000 }).toBe('PTC_D304');

  // Neither waits for the other, and no edit is lost.
  const edits = await Promise.all(
    Array.from({ length: 10 }, (_, at) =>
      (at % 2 ? one : two).call('POST', '/v1/tenants/acme/keys', {
        id: `k${at}`,
        alg: 'hmac',
        key: `another key ${at}`,
      }),
    ),
  );
  const kept = edits.filter(({ status }) => status === 200).length;
  expect(kept).toBeGreaterThan(0);
  expect(edits.every(({ status }) => status === 200 || status === 503)).toBe(true);
  const read = async (): Promise<Record<string, unknown>> => (await one.call('GET', '/v1/tenants/acme')).json;
  await expect.poll(async () => (await read()).revision, { timeout: 10_000 }).toBe(2 + kept);
  const json = await read();
  expect(json.keys).toHaveLength(1 + kept);
});

test('a gateway that cannot ask who was stopped refuses stored tenants, keeps what they sent, and catches up', async () => {
  const clock = createFakeClock(Date.now());
  const gateway = await startAdminGateway({ env: environment(), clock });
  const key = { id: '1', alg: 'hmac', key: 'a secret of globex' };
  const records = createPcsRecords({ sign: { alg: 'hmac', key: key.key } });
  const ask = async (): Promise<unknown> => {
    const { status, json } = await gateway.submit(await records.body(), { 'x-tenant-id': 'globex' });
    return json.code ?? status;
  };
  expect((await gateway.call('POST', '/v1/tenants', { id: 'globex', keys: [key] })).status).toBe(201);
  expect(await ask()).toBe(200);

  await database.sql(`alter role ${database.roles.ops} nologin`);
  await database.sql('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [database.roles.ops]);
  await database.sql(
    "update portcullis.tenants set revision = 2, spec = spec || '{\"active\":false}' where tenant_id = 'globex'",
  );
  clock.advance(10_001);
  expect(await ask()).toBe('PTC_D801');
  const ready = await send(gateway.gateway.port, { method: 'GET', path: '/ready' });
  expect([ready.status, ready.body]).toEqual([503, expect.stringContaining('"tenants"')]);

  await database.sql(`alter role ${database.roles.ops} login`);
  await expect
    .poll(
      async () => {
        clock.advance(2_000);
        return ask();
      },
      { timeout: 20_000, interval: 200 },
    )
    .toBe('PTC_D304');
});
