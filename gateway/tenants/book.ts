import type { Clock } from '../../src/clock.ts';
import { ConfigError } from '../../src/errors.ts';
import { collectMistakes } from '../../src/mistakes.ts';
import { createTenantRegistry, type TenantRegistry, type TenantRegistryOptions } from '../../src/tenancy/registry.ts';
import type { TenantSpec } from '../../src/tenancy/tenant.ts';
import { parseTenant } from '../tenants-file.ts';
import { followStore } from './follow.ts';
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
  /** Whether the store answered, and all that it holds is in force. */
  readonly healthy: boolean;
  /** Whether a tenant of the store may have been changed by another gateway too long ago for this one not to know. */
  isStale(id: string): boolean;
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
  readonly clock: Clock;
  /** Told when the store cannot be read any more. */
  readonly onFault: (error: unknown) => void;
  /** Told of a tenant of the store that is not in force. */
  readonly onLeftOut: (id: string, error: unknown) => void;
}

/**
 * Reads the store and puts all tenants in one directory. Changes that other gateways make are put in force when the store
 * tells of them, or is next asked. A tenant of the store whose id or key is one of the configuration's is left out: it is
 * unknown here, and all others are in force.
 *
 * @throws {ConfigError} for every mistake in what the store holds; whatever the store throws.
 */
export async function openTenantBook(parts: TenantBookParts): Promise<TenantBook> {
  const { configured, rules, store, clock, onFault, onLeftOut } = parts;
  let stored = new Map<string, StoredTenant>();
  /** What was read from the store and is in force; one that has not changed stays the same object. */
  let specs = new Map<string, TenantSpec>();
  /** Tenants of the store that this gateway cannot take. */
  let leftOut = new Set<string>();
  let isStarting = true;
  let isRead = false;
  const options: TenantRegistryOptions = {
    nameOf: (at) => `tenant ${configured[at]?.id ?? ''}`,
    check: (option, spec) => checkTenantRules(option, spec, rules),
  };
  const directory = createTenantRegistry(configured, options);
  const ownIds = new Set(configured.map(({ id }) => id));
  let queue: Promise<unknown> = Promise.resolve();

  function exclusive<T>(work: () => Promise<T>): Promise<T> {
    const done = queue.then(work);
    queue = done.catch(() => {});
    return done;
  }

  async function read(from: TenantStore): Promise<void> {
    isRead = false;
    const found = new Map((await from.load()).map((tenant) => [tenant.spec.id, tenant]));
    const mistakes = collectMistakes();
    const next = new Map<string, TenantSpec>();
    const faults = new Map<string, unknown>();
    const left = new Set<string>();
    /** What a tenant has wrong stops the start, and later that tenant only: the other changes must come into force. */
    const attempt = <T>(id: string, work: () => T): T | undefined => {
      if (isStarting) return mistakes.attempt(work);
      try {
        return work();
      } catch (error) {
        faults.set(id, error);
        return undefined;
      }
    };
    for (const [id, tenant] of found) {
      const before = stored.get(id);
      const isSame = before?.revision === tenant.revision && before.updatedAt === tenant.updatedAt;
      if (isSame && leftOut.has(id)) left.add(id);
      else {
        const known = isSame ? specs.get(id) : undefined;
        const spec = known ?? attempt(id, () => toSpec(nameInStore(id), tenant.spec));
        if (spec !== undefined) next.set(id, spec);
      }
    }
    const changed = [...next].filter(([id, spec]) => specs.get(id) !== spec);
    const isAnyGone = [...specs.keys()].some((id) => !next.has(id));
    try {
      putInForce(changed, next, isAnyGone);
    } catch {
      const alone = createTenantRegistry([], options);
      const own = createTenantRegistry(configured, options);
      for (const [id, spec] of changed) {
        const name = nameInStore(id);
        if (attempt(id, () => alone.prepare(spec, name)) !== undefined) {
          try {
            // Other gateways cannot know what this one's configuration holds.
            if (ownIds.has(id)) throw idTaken(id);
            own.prepare(spec, name);
          } catch (error) {
            faults.set(id, error);
          }
        }
        if (faults.has(id)) next.delete(id);
      }
      mistakes.raise();
      directory.replace([...configured, ...next.values()]);
    }
    mistakes.raise();
    for (const [id, error] of faults) {
      left.add(id);
      onLeftOut(id, error);
    }
    stored = found;
    specs = next;
    leftOut = left;
    isRead = true;
  }

  function putInForce(
    changed: readonly (readonly [string, TenantSpec])[],
    next: ReadonlyMap<string, TenantSpec>,
    isAnyGone: boolean,
  ): void {
    const taken = changed.find(([id]) => ownIds.has(id))?.[0];
    if (taken !== undefined) throw idTaken(taken);
    const [first, ...more] = changed;
    // As most often: no need to go through all of them.
    if (first !== undefined && more.length === 0 && !isAnyGone) directory.prepare(first[1]).commit();
    else if (first !== undefined || isAnyGone) directory.replace([...configured, ...next.values()]);
  }

  function toSpec(option: string, json: TenantJson): TenantSpec {
    const mistakes = collectMistakes();
    const spec = parseTenant(option, json, mistakes);
    mistakes.raise();
    return completeTenant(spec!, rules);
  }

  async function check(from: TenantStore): Promise<void> {
    const isSame = isRead && (await from.generation?.()) === generationOf(stored.values());
    if (!isSame) await read(from);
  }

  if (store !== undefined) await read(store);
  isStarting = false;
  const following = store?.onChange && followStore({ check: () => exclusive(() => check(store)), clock, onFault });
  const stopWatching = following && store.onChange?.(following.nudge);

  return {
    directory,
    get healthy() {
      if (store === undefined) return true;
      return isRead && leftOut.size === 0 && !following?.isFailing && !following?.isStale && store.healthy;
    },
    isStale: (id) => following?.isStale === true && specs.has(id),
    stored: (id) => (ownIds.has(id) ? undefined : stored.get(id)),
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
      const change: StoredTenant = { spec: json, revision, updatedAt: new Date(clock.now()).toISOString() };
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
            await read(store).catch((cause) => {
              onFault(cause);
              following?.nudge();
            });
            throw error;
          }
          prepared?.commit();
          stored.set(id, change);
          specs.set(id, spec);
          leftOut.delete(id);
          return true;
        },
      };
    },
    async close() {
      following?.close();
      stopWatching?.();
      await queue;
      await store?.close();
    },
  };
}

function nameInStore(id: string): string {
  return `TENANTS_STORE tenant ${id}`;
}

function idTaken(id: string): ConfigError {
  return new ConfigError(
    'PTC_E003',
    `${nameInStore(id)}.id`,
    id,
    'the configuration has a tenant of this id: rename that one',
  );
}
