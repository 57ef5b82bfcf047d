import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { migrate } from '../../../gateway/postgres/migrate.ts';
import { postgresTenantStore } from '../../../gateway/postgres/tenant-store.ts';
import type { StoredTenant } from '../../../gateway/tenants/store.ts';
import { tenantStoreConformance } from '../../stores/tenant-conformance.ts';
import { DATABASES, START_MS, serverDatabase, type TestDatabase } from './databases.ts';
import { withTenant } from './free-text.ts';

const ACME: StoredTenant = { spec: { id: 'acme', keys: 'none' }, revision: 1, updatedAt: '2030-01-01T00:00:00.000Z' };

describe.each(DATABASES)('%s', (name, open) => {
  let it: TestDatabase;
  beforeAll(async () => {
    it = await open();
  }, START_MS);
  afterAll(() => it.drop());

  tenantStoreConformance(name, async () => {
    await it.sql('delete from portcullis.tenants');
    return { isShared: true, open: async () => postgresTenantStore(it.db) };
  });

  test('a change is told to whoever listens, and to nobody after that', async () => {
    await it.sql('delete from portcullis.tenants');
    const store = postgresTenantStore(it.db);
    let wake = (): void => {};
    const stop = postgresTenantStore(it.db).onChange?.(() => wake());
    onTestFinished(() => stop?.());
    // Said once when listening begins, as something may have been missed.
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
    const told = new Promise<void>((resolve) => {
      wake = resolve;
    });
    await store.save(ACME, 0);
    await told;
  });

  test('the application reads no tenant, not even its own', async () => {
    await expect(
      withTenant(it.db, 'acme', (query) => query('select spec from portcullis.tenants')),
    ).rejects.toMatchObject({ code: '42501' });
  });
});

describe('whatever the application holds', () => {
  let it: TestDatabase;
  beforeAll(async () => {
    it = await serverDatabase();
  }, START_MS);
  afterAll(() => it.drop());

  // The first 60 bits of SHA-256 of `portcullis tenants` and of `portcullis migrate`, as printf | sha256sum says them.
  test('tenants change and migrations run', async () => {
    const app = new pg.Client(it.url('app'));
    await app.connect();
    onTestFinished(() => app.end());
    await app.query('select pg_advisory_lock(945145624944213303), pg_advisory_lock(737934486865633976)');
    const modes = ['row share', 'row exclusive', 'share', 'share row exclusive', 'exclusive', 'access exclusive'];
    for (const mode of modes) {
      const lock = app.query(`begin; lock table portcullis.tenants in ${mode} mode`);
      await expect(lock, mode).rejects.toMatchObject({ code: '42501' });
      await app.query('rollback');
    }
    expect(await postgresTenantStore(it.db).save(ACME, 0)).toBe(true);
    expect(await migrate(it.db)).toMatchObject({ applied: [] });
  });
});

describe('a server that goes away', () => {
  let it: TestDatabase;
  beforeAll(async () => {
    const [, open] = DATABASES[0];
    it = await open();
  }, START_MS);
  afterAll(() => it.drop());

  test('is not healthy until it answers again, and whoever listens is told then', async () => {
    const store = postgresTenantStore(it.db);
    let told = 0;
    let wake = (): void => {};
    const next = (): Promise<void> =>
      new Promise((resolve) => {
        wake = resolve;
      });
    const first = next();
    const stop = store.onChange?.(() => {
      told++;
      wake();
    });
    onTestFinished(() => stop?.());
    await first;
    await it.sql(`alter role ${it.roles.ops} nologin`);
    await it.sql('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [it.roles.ops]);
    await expect(store.load()).rejects.toMatchObject({ name: 'StoreError' });
    expect(store.healthy).toBe(false);
    const again = next();
    await it.sql(`alter role ${it.roles.ops} login`);
    await again;
    expect(told).toBe(2);
    expect(await store.load()).toEqual([]);
    expect(store.healthy).toBe(true);
  });
});
