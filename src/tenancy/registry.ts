import { ConfigError } from '../errors.ts';
import { collectMistakes } from '../mistakes.ts';
import { knownOptions } from '../options.ts';
import { DEFAULT_PCS_POLICY, type PcsPolicy } from '../pcs/policy.ts';
import { type KeyOwners, keyOwners } from './owners.ts';
import { checkTenant, type Tenant, type TenantDirectory, type TenantSpec } from './tenant.ts';

/** Tenants that may change while requests come in: what changes is in force for the next request. */
export interface TenantRegistry extends TenantDirectory {
  /** Finds inactive ones too. O(1). */
  find(id: string): Tenant | undefined;
  /**
   * Checks a tenant that is new, or that is to stand in the place of the one with its id. Nothing changes until
   * `commit` is called. Takes as long as the tenant has keys.
   *
   * @throws {ConfigError} for every mistake in it, a key that another tenant has among them.
   */
  prepare(spec: TenantSpec, option?: string): PreparedTenant;
  /**
   * Puts these in the place of all that are there, at once, or none of them. A spec that is the same object as before is
   * the same tenant, and is not checked again. O(n).
   *
   * @throws {ConfigError} for every mistake in every one of them.
   */
  replace(specs: readonly TenantSpec[]): void;
}

export interface TenantRegistryOptions {
  /** What errors call the tenant at a place of a list. Default `tenants[0]` and so on. */
  readonly nameOf?: (at: number) => string;
  /** Throws a `ConfigError` for a tenant that breaks rules of one's own. It may have other mistakes as well. */
  readonly check?: (option: string, spec: TenantSpec) => void;
}

/** A tenant that has been checked against all others. */
export interface PreparedTenant {
  readonly tenant: Tenant;
  /** Makes it known. @throws {Error} if the registry changed since: it may not be sound any more. */
  commit(): void;
}

/** Policies without a tenant that may stay, besides as many again as there are tenants. */
const SPARE_POLICIES = 64;

interface Book {
  readonly tenants: Map<string, Tenant>;
  readonly owners: KeyOwners;
}

/**
 * Makes a {@link TenantDirectory} that can be changed. No two tenants may share a key, inactive ones included: one
 * could then sign for the other.
 *
 * @throws {ConfigError} for every mistake, naming the tenant's place in the list and the field.
 *
 * @example
 * const tenants = createTenantRegistry([{ id: 'acme', keys: [{ id: 'k1', alg: 'hmac', key: secret }] }]);
 * tenants.prepare({ id: 'acme', keys: [{ id: 'k2', alg: 'hmac', key: next }], rate: 50 }).commit();
 * tenants.get('acme')?.rate; // 50
 */
export function createTenantRegistry(
  specs: readonly TenantSpec[],
  options: TenantRegistryOptions = {},
): TenantRegistry {
  knownOptions('createTenantRegistry', options, ['nameOf', 'check']);
  const { nameOf = (at) => `tenants[${at}]`, check = () => {} } = options;
  /** Which tenant was made of a spec. */
  const ready = new WeakMap<TenantSpec, Tenant>();
  const policyNames = Object.keys(DEFAULT_PCS_POLICY) as (keyof PcsPolicy)[];
  let policies = new Map<string, PcsPolicy>();
  let book = read(specs);
  let ids: readonly string[] | undefined;
  let version = 0;

  /** Gives tenants with equal policies one object: guards keep what they make of each. */
  function pooled(tenant: Tenant): Tenant {
    const text = policyNames.map((name) => tenant.policy[name]).join();
    const known = policies.get(text);
    if (known === undefined) policies.set(text, tenant.policy);
    return known === undefined ? tenant : Object.freeze({ ...tenant, policy: known });
  }

  /** Policies that nobody has any more would add up with every change. */
  function prunePolicies(): void {
    if (policies.size <= 2 * book.tenants.size + SPARE_POLICIES) return;
    const inForce = new Set([...book.tenants.values()].map(({ policy }) => policy));
    policies = new Map([...policies].filter(([, policy]) => inForce.has(policy)));
  }

  /** Names all mistakes of a tenant, those against the rules of `check` too. */
  function checked(option: string, spec: TenantSpec): Tenant {
    const mistakes = collectMistakes();
    const tenant = mistakes.attempt(() => checkTenant(option, spec));
    if (typeof spec === 'object' && spec !== null) mistakes.attempt(() => check(option, spec));
    mistakes.raise();
    return pooled(tenant!);
  }

  function read(list: readonly TenantSpec[]): Book {
    if (!Array.isArray(list)) throw new ConfigError('PTC_E002', 'tenants', list, 'give an array of tenants');
    const next: Book = { tenants: new Map(), owners: keyOwners() };
    const mistakes = collectMistakes();
    const seen = new Set<string>();
    list.forEach((spec: TenantSpec, at) => {
      const tenant = mistakes.attempt(() => ready.get(spec) ?? checked(nameOf(at), spec));
      // One that has other mistakes has its id all the same.
      mistakes.attempt(() => {
        const id = spec?.id;
        if (seen.has(id))
          throw new ConfigError('PTC_E003', `${nameOf(at)}.id`, id, 'give every tenant an id of its own');
        if (typeof id === 'string') seen.add(id);
        if (tenant === undefined) return;
        next.owners.check(tenant, true);
        next.owners.add(tenant);
        next.tenants.set(tenant.id, tenant);
        ready.set(spec, tenant);
      });
    });
    mistakes.raise();
    return next;
  }

  return Object.freeze({
    get ids() {
      ids ??= Object.freeze([...book.tenants.keys()]);
      return ids;
    },
    get(id: string | undefined) {
      const tenant = id === undefined ? undefined : book.tenants.get(id);
      return tenant?.active === false ? undefined : tenant;
    },
    find: (id: string) => book.tenants.get(id),
    prepare(spec: TenantSpec, option = 'tenant') {
      const { tenants, owners } = book;
      const tenant = checked(option, spec);
      owners.check(tenant, false);
      const preparedAt = version;
      return {
        tenant,
        commit() {
          if (version !== preparedAt) throw new Error('the tenants changed since this one was checked');
          version++;
          const before = tenants.get(tenant.id);
          if (before === undefined) ids = undefined;
          else owners.remove(before);
          owners.add(tenant);
          tenants.set(tenant.id, tenant);
          ready.set(spec, tenant);
          prunePolicies();
        },
      };
    },
    replace(list: readonly TenantSpec[]) {
      book = read(list);
      ids = undefined;
      version++;
      prunePolicies();
    },
  });
}

/**
 * Checks tenants and makes them findable. No two tenants may share a key: one could then sign for the other.
 *
 * @throws {ConfigError} for every mistake, naming the tenant's place in the list and the field.
 *
 * @example
 * const tenants = createTenants([{ id: 'acme', keys: [{ id: 'k1', alg: 'hmac', key: secret }] }]);
 * tenants.get('acme')?.rate; // 100
 */
export function createTenants(specs: readonly TenantSpec[]): TenantDirectory {
  const { ids, get } = createTenantRegistry(specs);
  return Object.freeze({ ids, get });
}
