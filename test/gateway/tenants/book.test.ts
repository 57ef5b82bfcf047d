import { expect, onTestFinished, test } from 'vitest';
import { openTenantBook, type TenantBook } from '../../../gateway/tenants/book.ts';
import { MAX_STALE_MS, POLL_MS } from '../../../gateway/tenants/follow.ts';
import type { TenantRules } from '../../../gateway/tenants/rules.ts';
import { generationOf, type StoredTenant, type TenantJson, type TenantStore } from '../../../gateway/tenants/store.ts';
import { DEFAULT_PCS_POLICY } from '../../../src/pcs/policy.ts';
import type { TenantSpec } from '../../../src/tenancy/tenant.ts';
import { createFakeClock, type FakeClock } from '../../../src/testing/fake-clock.ts';

const RULES: TenantRules = {
  rate: 100,
  dailyQuota: undefined,
  policy: DEFAULT_PCS_POLICY,
  policyVersion: '0.1',
  strict: false,
  production: undefined,
};

/** A store that another gateway writes to. */
interface Shared {
  readonly store: TenantStore;
  /** Keeps a tenant; tells of it or not. */
  write(spec: TenantJson, tell?: boolean): void;
  isDown: boolean;
  /** How often it was asked anything. */
  asked: number;
}

function sharedStore(): Shared {
  const tenants = new Map<string, StoredTenant>();
  let tell = (): void => {};
  const answer = async <T>(what: () => T): Promise<T> => {
    shared.asked++;
    if (shared.isDown) throw new Error('no answer');
    return what();
  };
  const shared: Shared = {
    isDown: false,
    asked: 0,
    write(spec, isTold = true) {
      const revision = (tenants.get(spec.id)?.revision ?? 0) + 1;
      tenants.set(spec.id, { spec, revision, updatedAt: '2030-01-01T00:00:00.000Z' });
      if (isTold) tell();
    },
    store: {
      healthy: true,
      load: () => answer(() => [...tenants.values()]),
      generation: () => answer(() => generationOf(tenants.values())),
      save: async () => false,
      onChange(listener) {
        tell = listener;
        return () => {};
      },
      close: async () => {},
    },
  };
  return shared;
}

const acme = (more: object = {}): TenantJson => ({
  id: 'acme',
  keys: [{ id: '1', alg: 'hmac', key: 'of acme' }],
  ...more,
});

interface Opened {
  readonly book: TenantBook;
  readonly clock: FakeClock;
  readonly said: string[];
}

async function open(
  { store }: { readonly store: TenantStore | undefined },
  configured: readonly TenantSpec[] = [],
): Promise<Opened> {
  const clock = createFakeClock();
  const said: string[] = [];
  const book = await openTenantBook({
    configured,
    rules: RULES,
    store,
    clock,
    onFault: () => said.push('fault'),
    onLeftOut: (id) => said.push(`left out ${id}`),
  });
  onTestFinished(() => book.close());
  return { book, clock, said };
}

/** Lets everything end that needs no time. */
const settled = async ({ book }: Opened): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await book.exclusive(async () => {});
};

test('a read that fails is made again until it succeeds, and the fault is said once', async () => {
  const shared = sharedStore();
  shared.write(acme());
  const it = await open(shared);
  shared.isDown = true;
  shared.write(acme({ active: false }));
  await settled(it);
  expect([it.said, it.book.healthy, it.book.directory.get('acme')?.id]).toEqual([['fault'], false, 'acme']);
  for (let turn = 0; turn < 3; turn++) {
    it.clock.advance(POLL_MS);
    await settled(it);
  }
  const before = shared.asked;
  expect(before).toBeGreaterThanOrEqual(5);
  shared.isDown = false;
  it.clock.advance(POLL_MS);
  await settled(it);
  expect([it.said, it.book.healthy, it.book.directory.get('acme')]).toEqual([['fault'], true, undefined]);
});

test('a change that nobody tells of is seen within the time of a poll', async () => {
  const shared = sharedStore();
  shared.write(acme());
  const it = await open(shared);
  shared.write(acme({ active: false }), false);
  expect(it.book.directory.get('acme')?.id).toBe('acme');
  it.clock.advance(POLL_MS);
  await settled(it);
  expect(it.book.directory.get('acme')).toBeUndefined();
});

test('what was seen too long ago is stale, for tenants of the store only, until it is seen again', async () => {
  const shared = sharedStore();
  shared.write(acme());
  const it = await open(shared, [{ id: 'own', keys: 'none' }]);
  const stale = (): readonly boolean[] => ['acme', 'own', 'nobody'].map(it.book.isStale);
  shared.isDown = true;
  for (let ms = 0; ms < MAX_STALE_MS; ms += 1_000) {
    expect(stale()).toEqual([false, false, false]);
    it.clock.advance(1_000);
    await settled(it);
  }
  it.clock.advance(1);
  expect(stale()).toEqual([true, false, false]);
  shared.isDown = false;
  it.clock.advance(POLL_MS);
  await settled(it);
  expect(stale()).toEqual([false, false, false]);
});

test('without a store there is nothing to be read, and nothing is stale', async () => {
  const it = await open({ store: undefined }, [{ id: 'own', keys: 'none' }]);
  it.clock.advance(10 * MAX_STALE_MS);
  expect([it.book.healthy, it.book.isStale('own')]).toEqual([true, false]);
});

test('nobody asks a store that is closed', async () => {
  const shared = sharedStore();
  const it = await open(shared);
  await it.book.close();
  const before = shared.asked;
  it.clock.advance(10 * POLL_MS);
  await settled(it);
  expect(shared.asked).toBe(before);
});

const OWN: TenantSpec = { id: 'own', keys: [{ id: '1', alg: 'hmac', key: 'of this gateway' }] };
const THIEF: TenantJson = { id: 'thief', keys: [{ id: '1', alg: 'hmac', key: 'of this gateway' }] };

test.each([
  ['a key', THIEF],
  ['the id', { id: 'own', keys: 'none' } as TenantJson],
])(
  'a stored tenant that has %s of a configured one is left out; all other changes are in force',
  async (_what, clash) => {
    const shared = sharedStore();
    shared.write(acme());
    const it = await open(shared, [OWN]);
    shared.write(clash);
    await settled(it);
    shared.write(acme({ active: false }));
    shared.write({ id: 'new', keys: 'none' });
    await settled(it);
    const { directory } = it.book;
    expect(['acme', 'thief', 'new', 'own'].map((id) => directory.get(id)?.id)).toEqual([
      undefined,
      undefined,
      'new',
      'own',
    ]);
    expect(directory.get('own')?.keys).toEqual(OWN.keys);
    expect([it.said, it.book.healthy]).toEqual([[`left out ${clash.id}`], false]);

    // A start is not stopped by it either.
    const again = await open(shared, [OWN]);
    expect([again.book.directory.ids, again.said]).toEqual([['own', 'acme', 'new'], [`left out ${clash.id}`]]);
  },
);

test('a tenant that was left out is in force once it has a key of its own', async () => {
  const shared = sharedStore();
  shared.write(THIEF);
  const it = await open(shared, [OWN]);
  shared.write({ ...THIEF, keys: [{ id: '1', alg: 'hmac', key: 'its own' }] });
  await settled(it);
  expect([it.book.directory.get('thief')?.id, it.book.healthy]).toEqual(['thief', true]);
});

test('one that cannot be is left out also by the read after one that failed', async () => {
  const shared = sharedStore();
  shared.write(acme());
  const it = await open(shared);
  shared.isDown = true;
  shared.write({ id: 'bad', keys: 'none', rate: -1 });
  await settled(it);
  shared.isDown = false;
  shared.write(acme({ active: false }));
  await settled(it);
  expect([it.said, it.book.directory.get('acme')]).toEqual([['fault', 'left out bad'], undefined]);
});
