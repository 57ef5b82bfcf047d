import process from 'node:process';
import { createGate, type Gate } from '../src/gate.ts';
import { signPcs } from '../src/pcs/agent/sign.ts';
import { pcsAnswer } from '../src/pcs/answer.ts';
import type { SignedFields } from '../src/pcs/canonical.ts';
import { pcsGuards, tenantFromHeader } from '../src/pcs/preset.ts';
import { createTenantRegistry, type TenantRegistry } from '../src/tenancy/registry.ts';
import type { TenantSpec } from '../src/tenancy/tenant.ts';
import { buildExchange } from '../src/testing/build-exchange.ts';
import { measure, type Subject, summary, type Timing } from './measure.ts';
import { signedRecords } from './records.ts';
import { machine, writeResult } from './report.ts';

/**
 * What a request costs as tenants grow, and what a change costs: `node bench/.build/bench/tenants.js [samples]`. Requests come
 * from all tenants in turn, each signed with its tenant's key; every tenth tenant has a policy of its own.
 */
const [samples = 4_000] = process.argv.slice(2).map(Number);
const SIZES = [1, 10, 100, 1_000, 10_000] as const;
/** Changes that are timed at each size. */
const CHANGES = 500;

const keyOf = (at: number): string => `the key of tenant ${at}, which only the bench knows`;

function specOf(at: number): TenantSpec {
  return {
    id: `tenant-${at}`,
    keys: [{ id: 'k', alg: 'hmac', key: keyOf(at) }],
    rate: 1e6,
    burst: 1e6,
    dailyQuota: 1e9,
    ...(at % 10 === 9 && { policy: { tolD: 0.15 + at / 1e6 }, pii: { types: ['email'] } }),
  };
}

interface Request {
  readonly tenant: string;
  readonly body: string;
}

const records = (await signedRecords(500)).map((body) => JSON.parse(body) as SignedFields);

async function requestOf(at: number, tenants: number): Promise<Request> {
  // A step without a common factor, so that neighbours in time are none in the list.
  const tenant = (at * 7_919) % tenants;
  const record = records[at % records.length] as SignedFields;
  return {
    tenant: `tenant-${tenant}`,
    body: JSON.stringify(await signPcs(record, { alg: 'hmac', key: keyOf(tenant) })),
  };
}

async function decide(gate: Gate, { tenant, body }: Request): Promise<void> {
  const headers = { 'x-tenant-id': tenant };
  const exchange = buildExchange({ url: '/v1/pcs/submit', body, address: '192.0.2.1', headers });
  const { status, code, outcome } = await gate.inspect(exchange);
  if (outcome !== 'allow' && outcome !== 'answer') throw new Error(`the bench record got ${status} ${code}`);
}

/** Replays are left out: they would be answered before the guards that are to be timed. */
function gateOf(tenants: TenantRegistry): Gate {
  return createGate({
    guards: pcsGuards({ tenants }),
    stages: { pii: 'enforce', sanity: 'enforce', anomaly: 'report-only', recompute: 'enforce', replay: 'off' },
    tenant: tenantFromHeader(tenants, undefined),
    tenantStages: (id) => tenants.get(id)?.stages,
    answer: pcsAnswer,
  });
}

function timeChanges(tenants: TenantRegistry, size: number): Timing {
  const times: number[] = [];
  for (let at = 0; at < CHANGES; at++) {
    const spec = { ...specOf(at % size), rate: 1e6 + at };
    const began = performance.now();
    tenants.prepare(spec).commit();
    times.push(performance.now() - began);
  }
  return summary(times);
}

const milliseconds = (ms: number): string => ms.toFixed(4);
const subjects: Subject<Request>[] = [];
const changes = new Map<string, Timing>();
const reads = new Map<string, number>();
for (const size of SIZES) {
  const specs = Array.from({ length: size }, (_, at) => specOf(at));
  const began = performance.now();
  const tenants = createTenantRegistry(specs);
  reads.set(String(size), performance.now() - began);
  const gate = gateOf(tenants);
  // Every tenant's keys and policy are made ready once; that is a cost of the first request, not of the number.
  for (let at = 0; at < size; at++) await decide(gate, await requestOf(at, size));
  subjects.push({
    name: String(size),
    prepare: (at) => requestOf(at, size),
    run: (request) => decide(gate, request),
  });
  changes.set(String(size), timeChanges(createTenantRegistry(specs), size));
}
const timings = await measure(subjects as readonly Subject[], { warmup: Math.ceil(samples / 4), samples });
const one = timings.get('1') as Timing;
const rows = SIZES.map(String).map((size) => {
  const { p50, p95, p99 } = timings.get(size) as Timing;
  const ratios = [p50 / one.p50, p95 / one.p95, p99 / one.p99].map((ratio) => ratio.toFixed(2));
  const change = changes.get(size) as Timing;
  return `| ${[size, ...[p50, p95, p99].map(milliseconds), ...ratios, milliseconds(change.p50), milliseconds(change.p99), (reads.get(size) ?? 0).toFixed(1)].join(' | ')} |`;
});
const table = [
  `# Tenants\n\n${new Date().toISOString().slice(0, 10)}, ${machine()}. \`npm run bench:tenants\`. The whole gate in memory, ${samples} requests of each size, in slices in turn, from all tenants in turn; milliseconds. The ratios are those to one tenant. A change is \`prepare\` and \`commit\` of one tenant; reading is \`createTenantRegistry\` of all.\n`,
  '| tenants | p50 | p95 | p99 | p50 ratio | p95 ratio | p99 ratio | change p50 | change p99 | reading all |',
  '| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
  ...rows,
];
process.stdout.write(writeResult('tenants', `${table.join('\n')}\n`));
