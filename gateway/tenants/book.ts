import { ConfigError } from '../../src/errors.ts';
import { collectMistakes } from '../../src/mistakes.ts';
import { createTenantRegistry, type TenantRegistry, type TenantRegistryOptions } from '../../src/tenancy/registry.ts';
import type { TenantSpec } from '../../src/tenancy/tenant.ts';
import { parseTenant } from '../tenants-file.ts';
import { checkTenantRules, completeTenant, type TenantRules } from './rules.ts';
import { generationOf, type StoredTenant, type TenantJson, type TenantStore } from './store.ts';

/** A change that has been checked, and is not in force. */
export interface TenantChange {
  readonly stored: StoredTenant;
  /**
   * Keeps it, and puts it in force. `false`: another gateway changed a tenant meanwhile; nothing was kept, and the book
   * has been read anew.
   *
   * @throws what the store says: the change is not in force, and may have been kept nevertheless.
   */
  save(): Promise<boolean>;
}

/** All tenants of a gateway: those of its configuration, and those of its store, which may change. */
export interface TenantBook {
  /** What guards look at. */
  readonly directory: TenantRegistry;
  /** Whether the store answered, and what it holds is in force. */
  readonly healthy: boolean;
  /** What the store has of a tenant; `undefined` for one that is not known, or belongs to the configuration. */
  stored(id: string): StoredTenant | undefined;
  /** Runs something that changes tenants after all that was begun before it has ended. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Checks a tenant that is new or changed. Only within {@link TenantBook.exclusive}.
   *
   * @throws {ConfigError} for every mistake in it, a key that another tenant has among them.
   */
  prepare(json: TenantJson): TenantChange;
  close(): Promise<void>;
}

export interface TenantBookParts {
  /** Tenants of the configuration, complete. */
  readonly configured: readonly TenantSpec[];
  readonly rules: TenantRules;
  readonly store: TenantStore | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told of changes of another gateway that could not be put in force. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Reads the store and puts all tenants in one directory. Changes that other gateways make are put in force when the store
 * tells of them.
 *
 * @throws {ConfigError} for every mistake in what the store holds; whatever the store throws.
 */
export async function openTenantBook(parts: TenantBookParts): Promise<TenantBook> {
  const { configured, rules, store, now, onFault } = parts;
  let stored = new Map<string, StoredTenant>();
  /** What was read from the store; one that has not changed stays the same object. */
  let specs = new Map<string, TenantSpec>();
  let names: readonly string[] = configured.map(({ id }) => `tenant ${id}`);
  const options: TenantRegistryOptions = {
    nameOf: (at) => names[at] ?? 'tenant',
    check: (option, spec) => checkTenantRules(option, spec, rules),
  };
  const directory = createTenantRegistry(configured, options);
  let queue: Promise<unknown> = Promise.resolve();
  let isCurrent = true;

  function exclusive<T>(work: () => Promise<T>): Promise<T> {
    const done = queue.then(work);
    queue = done.catch(() => {});
    return done;
  }

  async function read(from: TenantStore): Promise<void> {
    isCurrent = false;
    const found = new Map((await from.load()).map((tenant) => [tenant.spec.id, tenant]));
    const mistakes = collectMistakes();
    const next = new Map<string, TenantSpec>();
    for (const [id, tenant] of found) {
      const isSame = stored.get(id)?.revision === tenant.revision;
      const spec = isSame ? specs.get(id) : mistakes.attempt(() => toSpec(nameInStore(id), tenant.spec));
      if (spec !== undefined) next.set(id, spec);
    }
    const changed = [...next].filter(([id, spec]) => specs.get(id) !== spec);
    const [first, ...more] = changed;
    if (first !== undefined && more.length === 0 && next.size === found.size) {
      // As most often: no need to go through all of them.
      mistakes.attempt(() => directory.prepare(first[1], nameInStore(first[0])).commit());
    } else if (first !== undefined) {
      const list = [...configured, ...next.values()];
      names = [...configured.map(({ id }) => `tenant ${id}`), ...[...next.keys()].map(nameInStore)];
      // Nothing comes into force where anything is wrong; the rest is looked at all the same.
      const isWhole = next.size === found.size;
      mistakes.attempt(() => (isWhole ? directory.replace(list) : createTenantRegistry(list, options)));
    }
    mistakes.raise();
    stored = found;
    specs = next;
    isCurrent = true;
  }

  function toSpec(option: string, json: TenantJson): TenantSpec {
    const mistakes = collectMistakes();
    const spec = parseTenant(option, json, mistakes);
    mistakes.raise();
    return completeTenant(spec!, rules);
  }

  if (store !== undefined) await read(store);
  const stopWatching = store?.onChange?.(() => {
    exclusive(() => read(store)).catch(onFault);
  });

  return {
    directory,
    get healthy() {
      return isCurrent && store?.healthy !== false;
    },
    stored: (id) => stored.get(id),
    exclusive,
    prepare(json) {
      if (store === undefined)
        throw new ConfigError('PTC_E011', 'TENANTS_STORE', undefined, 'set it to change tenants');
      const { id } = json;
      const mistakes = collectMistakes();
      const parsed = parseTenant('tenant', json, mistakes);
      const spec = completeTenant(parsed!, rules);
      const prepared = mistakes.attempt(() => directory.prepare(spec));
      mistakes.raise();
      const revision = (stored.get(id)?.revision ?? 0) + 1;
      const change: StoredTenant = { spec: json, revision, updatedAt: new Date(now()).toISOString() };
      return {
        stored: change,
        async save() {
          try {
            if (!(await store.save(change, generationOf(stored.values())))) {
              await read(store);
              return false;
            }
          } catch (error) {
            // Nobody knows whether it was kept.
            await read(store).catch(onFault);
            throw error;
          }
          prepared?.commit();
          stored.set(id, change);
          specs.set(id, spec);
          return true;
        },
      };
    },
    async close() {
      stopWatching?.();
      await queue;
      await store?.close();
    },
  };
}

function nameInStore(id: string): string {
  return `TENANTS_STORE tenant ${id}`;
}
