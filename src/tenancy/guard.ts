import { BUDGETS } from '../budget.ts';
import { defineGuard, type Guard, PASS, type Verdict } from '../guard.ts';

const UNKNOWN: Verdict = Object.freeze({ kind: 'deny', code: 'PTC_D304' });

/**
 * Refuses exchanges that belong to no known tenant (401). The gate's `tenant` option says whom one belongs to;
 * this guard only insists that it is somebody.
 *
 * @example
 * createGate({ guards: [knownTenant()], tenant: (exchange) => tenants.get(exchange.header('x-tenant-id'))?.id });
 */
export function knownTenant(): Guard {
  return defineGuard({
    name: 'tenant',
    defaultStage: 'enforce',
    budget: BUDGETS.limits,
    inspect: (_exchange, { tenant }) => (tenant === undefined ? UNKNOWN : PASS),
  });
}
