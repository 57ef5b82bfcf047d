import { afterEach, expect, test, vi } from 'vitest';
import { openPglite, openPostgres } from '../../../gateway/postgres/connect.ts';

afterEach(() => {
  vi.doUnmock('pg');
  vi.doUnmock('@electric-sql/pglite');
});

const missing = (): never => {
  throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
};

test('a server without pg: one line that says what to install', async () => {
  vi.doMock('pg', missing);
  await expect(openPostgres({ app: 'postgres://canary@127.0.0.1/x' })).rejects.toThrow(
    /^PTC_E016 An optional package is missing: pg is missing; run npm install pg$/,
  );
});

test('PGlite without its package: one line that says what to install', async () => {
  vi.doMock('@electric-sql/pglite', missing);
  await expect(openPglite(undefined)).rejects.toThrow(
    /^PTC_E016 .*: @electric-sql\/pglite is missing; run npm install @electric-sql\/pglite$/,
  );
});
