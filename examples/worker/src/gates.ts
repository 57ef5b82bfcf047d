import {
  ConfigError,
  createGate,
  type Fault,
  type Gate,
  type GateOptions,
  type Guard,
  gateMetrics,
  knownTenant,
  rateLimit,
  type Sink,
  type Stages,
  signature,
} from 'portcullis';
import { type DecisionRecord, ledger } from 'portcullis/ledger';
import { pcsAnswer, pcsGuards, pcsMetrics, tenantFromHeader } from 'portcullis/pcs';
import { pii } from 'portcullis/pii';
import { type Env, tenantsOf } from './config.ts';
import { createDeltaMeter } from './meter.ts';
import { objectRateStore, objectReplayStore } from './stores.ts';

/** The one object that sums the metrics. */
export const METRICS_NAME = 'all';

/** What is made of an environment, once. */
export interface Gates {
  /** In front of PCS records. */
  readonly records: Gate;
  /** In front of notes, which are any JSON. */
  readonly notes: Gate;
  /** Metrics of both, by all instances of the Worker. */
  metrics(): Promise<string>;
}

const made = new WeakMap<Env, Gates>();

/** @throws {ConfigError} for an environment that cannot work. */
export function gatesOf(env: Env): Gates {
  const gates = made.get(env) ?? createGates(env);
  made.set(env, gates);
  return gates;
}

function createGates(env: Env): Gates {
  const tenants = tenantsOf(env);
  const meter = createDeltaMeter();
  const sums = (): ReturnType<Env['METRICS']['get']> => env.METRICS.get(env.METRICS.idFromName(METRICS_NAME));
  // The answer waits until the queue has the record.
  const appendRecord = async (record: DecisionRecord): Promise<void> => {
    await env.LEDGER.send(record);
  };
  const rateStore = objectRateStore(env.RATES);
  const records = pcsGuards({ tenants, appendRecord, rateStore, replayStore: objectReplayStore(env.REPLAYS) });
  const notes: readonly Guard[] = [
    ledger({ append: appendRecord }),
    knownTenant(),
    signature({ keys: ({ tenant }) => tenants.get(tenant)?.ring }),
    // The same name and store as in front of the records, so that a tenant has one quota for both.
    rateLimit({ key: (_exchange, { tenant }) => tenant, limits: (id) => tenants.get(id), store: rateStore }),
    pii({ mode: 'redact', policy: (tenant) => tenants.get(tenant)?.pii }),
  ];
  const all = [...records, ...notes];
  const counted = gateMetrics(meter, all);
  const send: Sink = { record: () => sums().add(meter.drain()) };
  checkStageNames('STAGES', env.STAGES, all);
  for (const id of tenants.ids) checkStageNames(`tenant ${id}.stages`, tenants.get(id)?.stages, all);

  const common = (guards: readonly Guard[]): GateOptions => ({
    guards,
    stages: stagesFor(guards, env.STAGES),
    tenant: tenantFromHeader(tenants, undefined),
    tenantStages: (id) => stagesFor(guards, tenants.get(id)?.stages),
    onFault: logFault,
  });
  return {
    records: createGate({ ...common(records), answer: pcsAnswer, sinks: [counted, pcsMetrics(meter), send] }),
    notes: createGate({ ...common(notes), sinks: [counted, send] }),
    metrics: async () => meter.text(await sums().read()),
  };
}

/** Those stages that are of guards of this gate: both gates are configured in one place. */
function stagesFor(guards: readonly Guard[], stages: Stages = {}): Stages {
  return Object.fromEntries(Object.entries(stages).filter(([name]) => guards.some((guard) => guard.name === name)));
}

function checkStageNames(option: string, stages: Stages | undefined, guards: readonly Guard[]): void {
  const unknown = Object.keys(stages ?? {}).find((name) => !guards.some((guard) => guard.name === name));
  if (unknown === undefined) return;
  throw new ConfigError(
    'PTC_E006',
    option,
    stages,
    `name guards of a gate: ${guards.map(({ name }) => name).join(', ')}`,
  );
}

/** The error may hold parts of a request: only its kind is logged. */
function logFault({ where, guard, error }: Fault): void {
  console.error(
    JSON.stringify({ event: 'fault', where, guard, error: error instanceof Error ? error.name : 'unknown' }),
  );
}
