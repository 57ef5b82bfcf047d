import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPcsRecords } from '../../../src/testing/pcs-records.ts';
import { startAdminGateway } from '../../helpers/admin.ts';
import { START_MS, serverDatabase, type TestDatabase } from '../postgres/databases.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await serverDatabase();
}, START_MS);
afterAll(() => database.drop());

test('two gateways share their tenants in PostgreSQL: what one changes, the other knows', async () => {
  const env = {
    TENANTS_STORE: 'postgres',
    TENANTS_STORE_FILE: '',
    POSTGRES_CONN: database.url('app'),
    POSTGRES_OPS_CONN: database.url('ops'),
    ...Object.fromEntries(
      Object.entries(database.roles).map(([role, name]) => [`POSTGRES_${role.toUpperCase()}_ROLE`, name]),
    ),
  };
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
  const { json } = await one.call('GET', '/v1/tenants/acme');
  expect(json.revision).toBe(2 + kept);
  expect(json.keys).toHaveLength(1 + kept);
});
