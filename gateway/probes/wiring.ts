import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBase64 } from '../../src/base64.ts';
import { edwards25519Tai } from '../../src/guards/vrf/ecvrf.ts';
import { seedFromBeta } from '../../src/guards/vrf/seed.ts';
import { signPcs } from '../../src/pcs/agent/sign.ts';
import { type PcsBody, summarize } from '../../src/pcs/agent/summarize.ts';
import { pcsAlpha } from '../../src/pcs/vrf.ts';
import type { Env } from '../env.ts';
import { readConfig, startGateway } from '../gateway.ts';
import { type Finding, newChecks } from './probe.ts';

/** Variables of shared stores, which the gateway of the probe uses as the gateway itself does. */
const SHARED = /^(?:POSTGRES_(?!MIGRATE)|REDIS_|DEDUP_|RATE_)/;
/** Milliseconds that PostgreSQL has to catch up; PGlite shares the thread with everything else. */
const CATCH_UP_MS = 30_000;
/** Requests of the tenant that are authenticated, before the one that is too many. */
const QUOTA = 5;

export interface WiringOptions {
  /** Fields of the tenant that requests are sent for. */
  readonly tenant?: Readonly<Record<string, unknown>>;
  /** Default {@link startGateway}. */
  readonly start?: typeof startGateway;
}

/** What each capability counts. */
const CAPABILITIES: Readonly<Record<string, string>> = {
  submissions: 'flk_ingest_total',
  acceptance: 'flk_accepted',
  replay: 'flk_dedup_hits',
  signatures: 'flk_signature_errors',
  escalation: 'flk_escalated',
  sanity: 'flk_sanity_check_failed',
  vrf: 'flk_vrf_invalid_total',
  pii: 'flk_pii_detections_total',
  anomaly: 'flk_anomaly_score_count',
  quota: 'flk_quota_exceeded_by_tenant',
  ledger: 'portcullis_ledger_entries_total',
  timing: 'portcullis_guard_seconds_count',
  verdicts: 'portcullis_verdicts_total',
};
const OF_A_DATABASE: Readonly<Record<string, string>> = {
  'ledger index': 'portcullis_ledger_index_rows_total',
  'dead letters': 'portcullis_dead_letters_total',
};

/**
 * Starts a gateway with the configured stores, a tenant and logs of its own, sends what each capability is there for, and
 * looks whether its counter moved. What it leaves is a dead letter and some rows of the ledger index, of a tenant that
 * nobody has, and what replay remembers for its time.
 */
export async function wiring(env: Env, options: WiringOptions = {}): Promise<Finding> {
  const { check, finding } = newChecks();
  const directory = await mkdtemp(join(tmpdir(), 'portcullis-probe-'));
  try {
    const agent = newAgent(`probe-${randomUUID()}`);
    const tenants = join(directory, 'tenants.json');
    await writeFile(tenants, JSON.stringify({ tenants: [{ ...agent.tenant, ...options.tenant }] }), { mode: 0o600 });
    const shared = Object.entries(env).filter(([name]) => SHARED.test(name));
    const config = readConfig({
      ...Object.fromEntries(shared),
      PORT: '0',
      TENANTS_FILE: tenants,
      DEFAULT_TENANT: agent.tenant.id,
      WAL_DIR: join(directory, 'wal'),
      WORM_BASE_DIR: join(directory, 'ledger'),
      LEDGER_KEY_FILE: join(directory, 'ledger.key'),
    });
    const start = options.start ?? startGateway;
    const gateway = await start(config, { log: () => undefined });
    try {
      const counters = { ...CAPABILITIES, ...(config.postgres && OF_A_DATABASE) };
      const before = await metricsOf(gateway.url);
      const answers = await sendAll(gateway.url, agent);
      const after = await caughtUp(gateway.url, config.postgres !== undefined);
      const moved: Record<string, number> = {};
      for (const [capability, series] of Object.entries(counters)) {
        moved[series] = sumOf(after, series) - sumOf(before, series);
        check((moved[series] ?? 0) > 0, `${capability}: ${series} did not move`);
      }
      for (const guard of gateway.gate.guards) {
        const series = `portcullis_guard_seconds_count{guard="${guard}"`;
        check(sumOf(after, series) > 0, `${guard}: the guard was not asked`);
      }
      return finding({ answers, moved });
    } finally {
      await gateway.close();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Agent {
  readonly tenant: { readonly id: string };
  /** A record with proof and signature. */
  record(epoch: number, change?: (body: PcsBody) => PcsBody): Promise<PcsBody & { readonly sig: string }>;
}

function newAgent(id: string): Agent {
  const key = randomBytes(32).toString('hex');
  const secret = Uint8Array.from(randomBytes(32));
  const publicKey = edwards25519Tai.publicKey(secret);
  return {
    tenant: Object.freeze({
      id,
      keys: [{ id: 'probe', alg: 'hmac', key }],
      vrf: { publicKey: encodeBase64(publicKey), required: true },
      rate: 1_000,
      dailyQuota: QUOTA,
      pii: { mode: 'block' },
    }),
    async record(epoch, change = (body) => body) {
      let proof: Uint8Array = new Uint8Array(0);
      const body = await summarize(SPIRAL, {
        shardId: id,
        epoch,
        seed(pcsId) {
          const alpha = pcsAlpha(pcsId);
          proof = edwards25519Tai.prove(secret, alpha);
          const verified = edwards25519Tai.verify(publicKey, alpha, proof);
          return verified.valid ? Number(seedFromBeta(verified.beta)) : 0;
        },
      });
      return signPcs(change({ ...body, vrf_proof: encodeBase64(proof) }), { alg: 'hmac', key });
    },
  };
}

/** Points to summarize: any will do, and these are the same each time. */
const SPIRAL: readonly (readonly number[])[] = Object.freeze(
  Array.from({ length: 64 }, (_one, at) => [at * Math.cos(at / 5), at * Math.sin(at / 5), at]),
);

/** One request for each capability; the status that each was answered with. */
async function sendAll(url: string, { record }: Agent): Promise<Readonly<Record<string, number>>> {
  const honest = JSON.stringify(await record(0));
  const escalated = await record(1, (body) => ({ ...body, D_hat: body.D_hat * 1.5 + 0.3 }));
  const falling = await record(2, (body) => ({ ...body, N_j: { ...body.N_j, 2: 5_000 } }));
  const forged = { ...(await record(3)), vrf_proof: encodeBase64(new Uint8Array(80).fill(1)) };
  const requests: readonly (readonly [string, string])[] = [
    ['honest', honest],
    ['again', honest],
    ['signature', JSON.stringify({ ...(await record(4)), sig: encodeBase64(new Uint8Array(32)) })],
    ['malformed', '{"schema":'],
    ['personal data', JSON.stringify({ ...(await record(5)), note: 'jane.roe@example.org' })],
    ['dimension', JSON.stringify(escalated)],
    ['counts', JSON.stringify(falling)],
    ['proof', JSON.stringify(forged)],
    ['one too many', JSON.stringify(await record(6))],
  ];
  const answers: Record<string, number> = {};
  for (const [what, body] of requests) {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/v1/pcs/submit`, { method: 'POST', headers, body });
    await answer.arrayBuffer();
    answers[what] = answer.status;
  }
  return answers;
}

async function metricsOf(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

/** Metrics once PostgreSQL has everything, or its time is over. */
async function caughtUp(url: string, hasDatabase: boolean): Promise<string> {
  const end = performance.now() + CATCH_UP_MS;
  for (;;) {
    const text = await metricsOf(url);
    if (!hasDatabase || performance.now() > end) return text;
    if (sumOf(text, 'portcullis_ledger_index_lag') === 0 && sumOf(text, OF_A_DATABASE['ledger index'] ?? '') > 0)
      return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The sum of all series of a name, or of those whose labels begin so. */
function sumOf(text: string, name: string): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    const end = line.lastIndexOf(' ');
    const series = line.slice(0, end);
    if (series === name || series.startsWith(name.includes('{') ? name : `${name}{`))
      sum += Number(line.slice(end + 1));
  }
  return sum;
}
