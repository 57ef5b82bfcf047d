import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPostgres } from '../../../gateway/postgres/connect.ts';
import { startProxy } from '../../helpers/proxy.ts';
import { serverDatabase, type TestDatabase } from './databases.ts';
import { withTenant } from './free-text.ts';

let it: TestDatabase;
beforeAll(async () => {
  it = await serverDatabase();
});
afterAll(() => it.drop());

test('a connection that breaks between two statements fails its transaction, and nothing else', async () => {
  const failed = withTenant(it.db, 'acme', async (query) => {
    const [row] = await query<{ pid: number }>('select pg_backend_pid() as pid');
    await it.sql('select pg_terminate_backend($1)', [row?.pid]);
    // Until the end of the connection has arrived here.
    while ((await it.sql('select 1 from pg_stat_activity where pid = $1', [row?.pid])).length > 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await query('select 1');
  });
  await expect(failed).rejects.toMatchObject({ name: 'StoreError' });
  expect(await withTenant(it.db, 'acme', (query) => query('select 1 as one'))).toEqual([{ one: 1 }]);
});

test('a statement that takes too long is ended by the server, and the connection used again', async () => {
  const limits = { statementMs: 50, lockMs: 50, idleMs: 1_000 };
  const slow = withTenant(it.db, 'acme', (query) => query('select pg_sleep(30)'), limits);
  await expect(slow).rejects.toMatchObject({ code: '57014' });
  expect(await withTenant(it.db, 'acme', (query) => query('select 1 as one'))).toEqual([{ one: 1 }]);
});

test('a server that falls silent fails the transaction in time, and is used again when it speaks', async () => {
  const proxy = await startProxy(Number(new URL(it.url('app')).port));
  const address = new URL(it.url('app'));
  address.port = String(proxy.port);
  const db = await openPostgres({ app: address.href }, { roles: it.roles, statementMs: 50 });
  const one = (): Promise<unknown> => withTenant(db, 'acme', (query) => query('select 1 as one'));
  expect(await one()).toEqual([{ one: 1 }]);
  proxy.hang();
  const error = await one().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'StoreError', code: 'TIMEOUT' });
  await proxy.mend();
  expect(await one()).toEqual([{ one: 1 }]);
  await proxy.cut();
  await expect(one()).rejects.toMatchObject({ name: 'StoreError' });
  await proxy.mend();
  expect(await one()).toEqual([{ one: 1 }]);
  await db.close();
  await proxy.close();
});
