import { chmod, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTenantFile } from '../../../gateway/tenants/file-store.ts';
import type { StoredTenant } from '../../../gateway/tenants/store.ts';
import { tempDirectory } from '../../helpers/temp.ts';
import { tenantStoreConformance } from '../../stores/tenant-conformance.ts';

tenantStoreConformance('file', async () => {
  const path = join(await tempDirectory(), 'tenants.json');
  return { isShared: false, open: () => openTenantFile(path) };
});

const tenant = (id: string, revision = 1): StoredTenant => ({
  spec: { id, keys: 'none' },
  revision,
  updatedAt: '2030-01-01T00:00:00.000Z',
});

test('only its owner may read the file, also one that was there with other rights', async () => {
  const path = join(await tempDirectory(), 'tenants.json');
  await writeFile(path, '{"tenants":[]}');
  await chmod(path, 0o644);
  const store = await openTenantFile(path);
  await store.save(tenant('a'), 0);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await store.close();
});

test('of two processes one has it; it is free again after close', async () => {
  const path = join(await tempDirectory(), 'tenants.json');
  const first = await openTenantFile(path);
  await expect(openTenantFile(path)).rejects.toThrow(/^PTC_E013 .*TENANTS_STORE_FILE/);
  await first.close();
  await (await openTenantFile(path)).close();
});

test('what a crash left unfinished is cleared away, and nothing else', async () => {
  const directory = await tempDirectory();
  const path = join(directory, 'tenants.json');
  await writeFile(`${path}.0123456789abcdef.new`, '{"tenants":[{"spec"');
  await writeFile(`${path}.bak`, 'mine');
  const store = await openTenantFile(path);
  expect(await store.load()).toEqual([]);
  await store.close();
  expect(await readdir(directory)).toEqual(['tenants.json.bak']);
});

test('a disk that fails: the change is refused, the file is as before, unhealthy until one succeeds', async () => {
  const directory = await tempDirectory();
  const path = join(directory, 'tenants.json');
  const store = await openTenantFile(path);
  await store.save(tenant('a'), 0);
  const before = await readFile(path, 'utf8');
  await rename(directory, `${directory}-away`);
  await expect(store.save(tenant('b'), 1)).rejects.toThrow(/ENOENT/);
  expect([store.healthy, await readFile(join(`${directory}-away`, 'tenants.json'), 'utf8')]).toEqual([false, before]);
  await rename(`${directory}-away`, directory);
  expect(await readdir(directory)).toEqual([expect.stringMatching(/^\.lock-/), 'tenants.json']);
  expect(await store.save(tenant('b'), 1)).toBe(true);
  expect(store.healthy).toBe(true);
  await store.close();
});

test.each<[string, string | Uint8Array, RegExp]>([
  ['no JSON', '{', /^PTC_E011 .*TENANTS_STORE_FILE .*JSON/],
  ['no list', '{"tenants":{}}', /^PTC_E011 .*TENANTS_STORE_FILE/],
  ['null', 'null', /^PTC_E011 .*TENANTS_STORE_FILE/],
  ['bytes that are no UTF-8', Uint8Array.from([0xff]), /^PTC_E011 .*TENANTS_STORE_FILE/],
  ['no revision', '{"tenants":[{"spec":{"id":"canary"},"updatedAt":""}]}', /tenants\[0\] .*restore it/],
  [
    'one tenant twice',
    '{"tenants":[{"spec":{"id":"canary"},"revision":1,"updatedAt":""},{"spec":{"id":"canary"},"revision":1,"updatedAt":""}]}',
    /tenants\[1\]/,
  ],
])('a file that is none of ours stops start-up: %s', async (_name, content, message) => {
  const path = join(await tempDirectory(), 'tenants.json');
  await writeFile(path, content);
  await expect(openTenantFile(path)).rejects.toThrow(message);
  await expect(openTenantFile(path)).rejects.not.toThrow(/canary/);
});
