import { describe, expect, test } from 'vitest';
import { createAdminApi } from '../../../gateway/admin/api.ts';
import type { AdminCall } from '../../../gateway/admin/call.ts';
import { makeToken, parseTokens } from '../../../gateway/admin/tokens.ts';
import { openTenantBook, type TenantBook } from '../../../gateway/tenants/book.ts';
import type { TenantRules } from '../../../gateway/tenants/rules.ts';
import { generationOf, type StoredTenant, type TenantStore } from '../../../gateway/tenants/store.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { DEFAULT_PCS_POLICY } from '../../../src/pcs/policy.ts';
import { createFakeClock } from '../../../src/testing/fake-clock.ts';
import { tenantStoreConformance } from '../../stores/tenant-conformance.ts';

const RULES: TenantRules = {
  rate: 100,
  dailyQuota: undefined,
  policy: DEFAULT_PCS_POLICY,
  policyVersion: '0.1',
  strict: false,
  production: undefined,
};
const NOW = Date.UTC(2030, 0, 1);
const { token, line } = makeToken('root', ['read', 'write', 'operate'], NOW);
const BODY = { id: 'acme', keys: [{ id: '1', alg: 'hmac', key: 'secret' }] };

/** Tenants in memory, shared by all that open it. */
function memoryPlace(): { open(): TenantStore & { fail: 'before' | 'after' | undefined } } {
  let tenants = new Map<string, StoredTenant>();
  const listeners = new Set<() => void>();
  return {
    open() {
      const store: TenantStore & { fail: 'before' | 'after' | undefined } = {
        fail: undefined,
        healthy: true,
        load: async () => [...tenants.values()],
        async save(tenant, generation) {
          await Promise.resolve();
          if (store.fail === 'before') throw new Error('no disk');
          const isNext = tenant.revision === (tenants.get(tenant.spec.id)?.revision ?? 0) + 1;
          if (!isNext || generation !== generationOf(tenants.values())) return false;
          tenants = new Map(tenants).set(tenant.spec.id, structuredClone(tenant));
          for (const listener of listeners) listener();
          if (store.fail === 'after') throw new Error('the answer was lost');
          return true;
        },
        onChange(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
        close: async () => {},
      };
      return store;
    },
  };
}

tenantStoreConformance('memory, as the tests have it', async () => {
  const place = memoryPlace();
  return { isShared: true, open: async () => place.open() };
});

interface Started {
  readonly book: TenantBook;
  readonly store: ReturnType<ReturnType<typeof memoryPlace>['open']>;
  readonly records: LedgerRecord[];
  readonly log: string[];
  append: (record: LedgerRecord) => Promise<void>;
  call(method: string, target: string, body?: unknown): Promise<{ status: number; json: Record<string, unknown> }>;
}

async function start(place = memoryPlace()): Promise<Started> {
  const store = place.open();
  const log: string[] = [];
  const book = await openTenantBook({
    configured: [],
    rules: RULES,
    store,
    clock: createFakeClock(NOW),
    onFault: () => log.push('fault'),
    onLeftOut: (id) => log.push(`left out ${id}`),
  });
  const records: LedgerRecord[] = [];
  const started: Started = {
    book,
    store,
    records,
    log,
    append: async (record) => void records.push(record),
    async call(method, target, body) {
      const bytes = new TextEncoder().encode(body === undefined ? '' : JSON.stringify(body));
      const headers: Record<string, string> = { authorization: `Bearer ${token}`, 'if-match': '*' };
      const call: AdminCall = {
        method,
        target,
        header: (name) => headers[name],
        address: '192.0.2.1',
        body: async () => ({ ok: true, bytes }),
      };
      const answer = await api(call);
      return { status: answer.status, json: JSON.parse(answer.body) };
    },
  };
  const api = createAdminApi({
    book,
    tokens: parseTokens(JSON.stringify(line)),
    append: (record) => started.append(record),
    region: 'local',
    meter: { counter: () => ({ add() {} }), histogram: () => ({ observe() {} }) },
    log: (_level, event) => log.push(event),
    now: () => NOW,
  });
  return started;
}

describe('the record comes first', () => {
  test('it is durable before the change is kept, in force, or answered', async () => {
    const it = await start();
    const order: string[] = [];
    let keep = (): void => {};
    it.append = (record) => {
      order.push(`record ${record.status}`);
      return new Promise((resolve) => {
        keep = () => {
          order.push('durable');
          resolve();
        };
      });
    };
    const save = it.store.save;
    it.store.save = (...change) => {
      order.push('save');
      return save(...change);
    };
    const answer = it.call('POST', '/v1/tenants', BODY).then(({ status }) => order.push(`answer ${status}`));
    while (order.length === 0) await Promise.resolve();
    for (let turn = 0; turn < 100; turn++) await Promise.resolve();
    expect([order, it.book.directory.ids]).toEqual([['record 201'], []]);
    keep();
    await answer;
    expect(order).toEqual(['record 201', 'durable', 'save', 'answer 201']);
  });

  test('a record that cannot be kept refuses the call, whatever it was, and nothing changes', async () => {
    const it = await start();
    await it.call('POST', '/v1/tenants', BODY);
    it.append = async () => Promise.reject(new Error('disk full'));
    for (const [method, target, body] of [
      ['POST', '/v1/tenants', { id: 'b', keys: 'none' }],
      ['PATCH', '/v1/tenants/acme', { rate: 5 }],
      ['POST', '/v1/tenants/acme/keys', { id: '2', alg: 'hmac', key: 'another' }],
      ['POST', '/v1/tenants/acme/deactivate', undefined],
      ['POST', '/v1/tenants/acme/activate', undefined],
      ['GET', '/v1/tenants/acme', undefined],
      ['GET', '/v1/tenants', undefined],
      ['GET', '/v1/tenants/nobody', undefined],
    ] as const) {
      const answer = await it.call(method, target, body);
      expect([answer.status, answer.json.code], `${method} ${target}`).toEqual([503, 'PTC_D803']);
    }
    expect(await it.store.load()).toMatchObject([{ spec: BODY, revision: 1 }]);
    expect([it.book.directory.ids, it.book.directory.get('acme')?.rate]).toEqual([['acme'], 100]);
    expect(it.log).toContain('admin_not_recorded');
  });
});

describe('a store that fails', () => {
  test('before it keeps the change: 503, not in force, and a second record says so', async () => {
    const it = await start();
    await it.call('POST', '/v1/tenants', BODY);
    it.store.fail = 'before';
    const refused = await it.call('PATCH', '/v1/tenants/acme', { rate: 5 });
    expect([refused.status, refused.json.code]).toEqual([503, 'PTC_D801']);
    expect(it.book.directory.get('acme')?.rate).toBe(100);
    const [, said, corrected] = it.records;
    expect([said, corrected]).toMatchObject([
      { action: 'patch', status: 200, revision: 2 },
      { action: 'patch', status: 503, revision: 2, corrects: said?.call_id, call_id: said?.call_id },
    ]);
    it.store.fail = undefined;
    expect((await it.call('PATCH', '/v1/tenants/acme', { rate: 5 })).json.revision).toBe(2);
  });

  test('after it kept the change: 503, and what it kept is in force', async () => {
    const it = await start();
    it.store.fail = 'after';
    expect((await it.call('POST', '/v1/tenants', BODY)).status).toBe(503);
    it.store.fail = undefined;
    expect((await it.call('GET', '/v1/tenants/acme')).json.revision).toBe(1);
    expect(it.book.directory.get('acme')?.id).toBe('acme');
    expect((await it.call('PATCH', '/v1/tenants/acme', { rate: 5 })).json.revision).toBe(2);
  });
});

describe('two gateways on one store', () => {
  test('what one changes is in force in the other as soon as it was told', async () => {
    const place = memoryPlace();
    const [one, two] = [await start(place), await start(place)];
    await one.call('POST', '/v1/tenants', BODY);
    await two.book.exclusive(async () => {});
    const before = two.book.directory.get('acme');
    expect(before?.rate).toBe(100);
    await one.call('POST', '/v1/tenants', { id: 'b', keys: 'none' });
    await one.call('PATCH', '/v1/tenants/b', { rate: 7 });
    await two.book.exclusive(async () => {});
    expect(two.book.directory.get('b')?.rate).toBe(7);
    // Nobody changed this one: what guards made of it stays.
    expect(two.book.directory.get('acme')).toBe(before);
  });

  test('one that knows nothing of it begins anew: no key gets to two tenants, no edit is lost', async () => {
    const place = memoryPlace();
    const [one, two] = [await start(place), await start(place)];
    const [first, second] = await Promise.all([
      one.call('POST', '/v1/tenants', { ...BODY, id: 'a' }),
      two.call('POST', '/v1/tenants', { ...BODY, id: 'b' }),
    ]);
    expect([first.status, second.status].sort()).toEqual([201, 400]);
    const edits = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        (at % 2 ? one : two).call('POST', `/v1/tenants/${first.status === 201 ? 'a' : 'b'}/keys`, {
          id: `k${at}`,
          alg: 'hmac',
          key: `key ${at}`,
        }),
      ),
    );
    const kept = edits.filter(({ status }) => status === 200).length;
    expect(kept).toBeGreaterThan(0);
    expect((await one.store.load())[0]?.spec.keys).toHaveLength(1 + kept);
    await one.book.exclusive(async () => {});
    await two.book.exclusive(async () => {});
    expect(two.book.directory.ids).toEqual(one.book.directory.ids);
  });

  test('a store that holds what cannot be: the others stay as they were, and it is said', async () => {
    const place = memoryPlace();
    const it = await start(place);
    await it.call('POST', '/v1/tenants', BODY);
    const other = place.open();
    await other.save({ spec: { id: 'b', keys: 'none', rate: -1 }, revision: 1, updatedAt: '' }, 1);
    await it.book.exclusive(async () => {});
    expect([it.log, it.book.healthy, it.book.directory.ids]).toEqual([['left out b'], false, ['acme']]);
    await other.save({ spec: { id: 'b', keys: 'none', rate: 1 }, revision: 2, updatedAt: '' }, 2);
    await it.book.exclusive(async () => {});
    expect([it.book.healthy, it.book.directory.ids]).toEqual([true, ['acme', 'b']]);
  });

  test('a store that holds what cannot be stops the start, every mistake named', async () => {
    const place = memoryPlace();
    const other = place.open();
    await other.save({ spec: { id: 'b', keys: 'none', rate: -1 }, revision: 1, updatedAt: '' }, 0);
    await other.save({ spec: { id: 'c', keys: 5, policy: 7 }, revision: 1, updatedAt: '' }, 1);
    const error = await start(place).catch((thrown: Error) => thrown);
    expect((error as Error).message.split('\n')).toEqual([
      expect.stringContaining('TENANTS_STORE tenant c.policy'),
      expect.stringContaining('TENANTS_STORE tenant b.rate'),
    ]);
  });
});
