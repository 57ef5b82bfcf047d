import { ConfigError } from '../../src/errors.ts';
import { checkEach, collectMistakes } from '../../src/mistakes.ts';
import { type PcsPolicy, STRICT_D_BOUNDS } from '../../src/pcs/policy.ts';
import { checkStages } from '../../src/stage.ts';
import { TENANT_ID, type TenantSpec } from '../../src/tenancy/tenant.ts';
import { checkTenantSafety } from '../production.ts';
import { GATEWAY_GUARDS } from '../stages.ts';

/** What this gateway asks of tenants beyond what any would, and gives those that say nothing themselves. */
export interface TenantRules {
  /** Tokens per second. */
  readonly rate: number;
  readonly dailyQuota: number | undefined;
  readonly policy: PcsPolicy;
  readonly policyVersion: string;
  /** Whether no tenant may widen the bounds of D_hat. */
  readonly strict: boolean;
  /** There in production. */
  readonly production: { readonly metricsPassword: string | undefined; readonly now: () => number } | undefined;
}

/** A tenant with the gateway's numbers where it names none. */
export function completeTenant(spec: TenantSpec, rules: TenantRules): TenantSpec {
  // Null is a mistake that the tenant's own check names, not a way to leave a number out.
  const { rate = rules.rate, dailyQuota = rules.dailyQuota, policyVersion = rules.policyVersion } = spec;
  return {
    ...spec,
    rate,
    policy: { ...rules.policy, ...spec.policy },
    policyVersion,
    ...(dailyQuota !== undefined && { dailyQuota }),
  };
}

/**
 * Checks a tenant that may have other mistakes too.
 *
 * @param option what errors call it where its id cannot
 * @throws {ConfigError} for every rule that it breaks.
 */
export function checkTenantRules(option: string, spec: TenantSpec, rules: TenantRules): void {
  const name = TENANT_ID.test(spec?.id) ? `tenant ${spec.id}` : option;
  const mistakes = collectMistakes();
  mistakes.attempt(() => checkTenantStages(`${name}.stages`, spec?.stages));
  if (rules.strict) mistakes.attempt(() => checkStrict(`${name}.policy`, spec?.policy));
  const { production } = rules;
  if (production) mistakes.attempt(() => checkTenantSafety(name, spec, production));
  mistakes.raise();
}

/** One by one: the gate's own check stops at the first. What is no object, the tenant's check names. */
function checkTenantStages(option: string, stages: unknown): void {
  if (typeof stages !== 'object' || stages === null) return;
  checkEach(Object.entries(stages), ([guard, stage]) => checkStages(option, { [guard]: stage }, GATEWAY_GUARDS));
}

/**
 * `STRICT_MODE` is a promise about every tenant: parameters may narrow the bounds of D_hat further, not widen them.
 *
 * @throws {ConfigError} PTC_E011 naming the bound.
 */
export function checkStrict(option: string, { minD, maxD }: Partial<PcsPolicy> = {}): void {
  const lowest = STRICT_D_BOUNDS.minD;
  const highest = STRICT_D_BOUNDS.maxD;
  if (minD !== undefined && minD < lowest) {
    throw new ConfigError('PTC_E011', `${option}.minD`, minD, `with STRICT_MODE, give ${lowest} or more`);
  }
  if (maxD !== undefined && maxD > highest) {
    throw new ConfigError('PTC_E011', `${option}.maxD`, maxD, `with STRICT_MODE, give ${highest} or less`);
  }
}
