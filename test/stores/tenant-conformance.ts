import { describe, expect, test } from 'vitest';
import { generationOf, type StoredTenant, type TenantStore } from '../../gateway/tenants/store.ts';

/** One place where tenants are kept, empty at first, and gone after the test. */
export interface TenantStorePlace {
  /** Opens it as a process does; what was open before is closed first, unless several may be open. */
  open(): Promise<TenantStore>;
  /** Whether two processes may have it open at the same time. */
  readonly isShared: boolean;
}

const NO_SPEC = { keys: 'none' } as const;

function stored(id: string, revision: number, more: object = {}): StoredTenant {
  return {
    spec: { id, ...NO_SPEC, ...more },
    revision,
    updatedAt: new Date(Date.UTC(2030, 0, 1) + revision).toISOString(),
  };
}

const byId = (tenants: readonly StoredTenant[]): StoredTenant[] =>
  [...tenants].sort((a, b) => (a.spec.id < b.spec.id ? -1 : 1));

/** What every store of tenants must do. */
export function tenantStoreConformance(name: string, newPlace: () => Promise<TenantStorePlace>): void {
  describe(`a store of tenants: ${name}`, () => {
    test('is empty at first', async () => {
      const store = await (await newPlace()).open();
      expect(await store.load()).toEqual([]);
      expect(store.healthy).toBe(true);
      await store.close();
    });

    test('keeps what was saved, also for the next process', async () => {
      const place = await newPlace();
      const store = await place.open();
      const [a, b] = [stored('a', 1, { rate: 5 }), stored('b', 1)];
      expect([await store.save(a, 0), await store.save(b, 1)]).toEqual([true, true]);
      expect(byId(await store.load())).toEqual([a, b]);
      await store.close();
      const next = await place.open();
      expect(byId(await next.load())).toEqual([a, b]);
      await next.close();
    });

    test('a change takes the place of what was there, and counts', async () => {
      const store = await (await newPlace()).open();
      await store.save(stored('a', 1, { rate: 5, burst: 9 }), 0);
      const changed = stored('a', 2, { rate: 7 });
      expect(await store.save(changed, 1)).toBe(true);
      const tenants = await store.load();
      expect(tenants).toEqual([changed]);
      expect(generationOf(tenants)).toBe(2);
      await store.close();
    });

    test.each<[string, StoredTenant, number]>([
      ['another tenant was changed meanwhile', stored('c', 1), 2],
      ['the same tenant was changed meanwhile', stored('a', 3), 2],
      ['from the future', stored('c', 1), 4],
      ['a revision that was there already', stored('a', 2), 3],
      ['a revision that leaves one out', stored('b', 3), 3],
      ['a new tenant with a past', stored('c', 2), 3],
    ])('keeps nothing of a change that does not follow: %s', async (_name, change, generation) => {
      const store = await (await newPlace()).open();
      const before = [stored('a', 2), stored('b', 1)];
      await store.save(stored('a', 1), 0);
      await store.save(stored('b', 1), 1);
      await store.save(stored('a', 2), 2);
      expect(await store.save(change, generation)).toBe(false);
      expect(byId(await store.load())).toEqual(before);
      await store.close();
    });

    test('of many changes at once, to one tenant and to several, one is kept', async () => {
      const place = await newPlace();
      const first = await place.open();
      const second = place.isShared ? await place.open() : first;
      await first.save(stored('a', 1), 0);
      const changes = Array.from({ length: 16 }, (_, at) => {
        const store = at % 2 === 0 ? first : second;
        return store.save(at % 4 < 2 ? stored('a', 2, { rate: at + 1 }) : stored(`t${at}`, 1), 1);
      });
      const results = await Promise.all(changes);
      expect(results.filter(Boolean).length).toBe(1);
      const tenants = await first.load();
      expect(generationOf(tenants)).toBe(2);
      expect(await second.load()).toEqual(tenants);
      await first.close();
      if (second !== first) await second.close();
    });

    test('gives back texts and numbers as they were', async () => {
      const place = await newPlace();
      const store = await place.open();
      const keys = ['"', '\\', '\u2028', 'ß水🔑', "'; drop table tenants; --", '{"a":1}', '%s $1', ' '].map(
        (key, at) => ({
          id: `k${at}`,
          alg: 'hmac',
          key,
          notAfter: '2030-01-01T00:00:00.000Z',
        }),
      );
      const odd = stored('__proto__', 1, {
        keys,
        rate: 0.00001,
        burst: 1_000_000_000_000,
        policy: { tolD: 0.1 + 0.2, minD: -0.5, maxD: 1e-7 },
        pii: { allow: { values: ['', 'null', '1e5'] }, types: [] },
        active: false,
      });
      await store.save(odd, 0);
      await store.close();
      const next = await place.open();
      expect(await next.load()).toEqual([odd]);
      await next.close();
    });

    test('keeps hundreds', async () => {
      const place = await newPlace();
      const store = await place.open();
      const many = Array.from({ length: 300 }, (_, at) =>
        stored(`t${String(at).padStart(3, '0')}`, 1, { rate: at + 1 }),
      );
      for (const [at, tenant] of many.entries()) expect(await store.save(tenant, at)).toBe(true);
      await store.close();
      const next = await place.open();
      expect(byId(await next.load())).toEqual(many);
      await next.close();
    });
  });
}
