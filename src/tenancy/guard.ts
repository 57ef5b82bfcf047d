import { BUDGETS } from '../budget.ts';
import { defineGuard, type Guard, type GuardContext, PASS, type Verdict } from '../guard.ts';
import { functionOption, knownOptions } from '../options.ts';

const UNKNOWN: Verdict = Object.freeze({ kind: 'deny', code: 'PTC_D304' });

export interface KnownTenantOptions {
  /** Finds the tenant of a request; `undefined` refuses it. Default: whoever the gate's `tenant` option named. */
  readonly find?: (context: GuardContext) => unknown;
}

/**
 * Refuses exchanges that belong to no known tenant (401). The gate's `tenant` option says whom one belongs to;
 * this guard only insists that it is somebody.
 *
 * @throws {ConfigError} if an option is unknown or of the wrong type.
 *
 * @example
 * createGate({ guards: [knownTenant()], tenant: (exchange) => tenants.get(exchange.header('x-tenant-id'))?.id });
 */
export function knownTenant(options: KnownTenantOptions = {}): Guard {
  knownOptions('knownTenant', options, ['find']);
  const { find = ({ tenant }) => tenant } = options;
  functionOption('knownTenant.find', find, 'give a function from context to tenant');
  return defineGuard({
    name: 'tenant',
    defaultStage: 'enforce',
    budget: BUDGETS.limits,
    inspect: (_exchange, context) => (find(context) === undefined ? UNKNOWN : PASS),
  });
}
