import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inbox } from '../gateway/inbox-guard.ts';
import { openInboxLog } from '../gateway/inbox-log.ts';
import { openLedger } from '../gateway/ledger/ledger.ts';
import { encodeBase64 } from '../src/base64.ts';
import { BUDGETS, type Budget } from '../src/budget.ts';
import { createGate, type Gate } from '../src/gate.ts';
import type { Guard } from '../src/guard.ts';
import { edwards25519Tai } from '../src/guards/vrf/ecvrf.ts';
import { seedFromBeta } from '../src/guards/vrf/seed.ts';
import { type LedgerRecord, ledgerRecord } from '../src/ledger/record.ts';
import { pcsAnswer } from '../src/pcs/answer.ts';
import { pcsGuards } from '../src/pcs/preset.ts';
import { pcsAlpha } from '../src/pcs/vrf.ts';
import { createTenants } from '../src/tenancy/registry.ts';
import { buildExchange } from '../src/testing/build-exchange.ts';
import { measure, type Subject, type Timing } from './measure.ts';
import { BENCH_KEY } from './records.ts';
import type { Row } from './report.ts';
import { guardSubject, jsonParseBaseline } from './subject.ts';

/** The VRF key of the bench, known to everybody. */
const VRF_SECRET = new Uint8Array(32).fill(7);

/** Guards of the preset by name, and the row of the budget table that each is held to. */
const STEPS: readonly { readonly guard: string; readonly step: string; readonly budget?: Budget }[] = [
  { guard: 'rate-limit', step: 'tenant, rate and quota', budget: BUDGETS.limits },
  { guard: 'pii', step: 'PII scan', budget: BUDGETS.pii },
  { guard: 'pcs-format', step: 'format and id' },
  { guard: 'signature', step: 'signature (HMAC, four profiles)' },
  { guard: 'replay', step: 'replay' },
  { guard: 'vrf', step: 'VRF verification', budget: BUDGETS.vrf },
  { guard: 'sanity', step: 'sanity', budget: BUDGETS.sanity },
  { guard: 'anomaly', step: 'anomaly', budget: BUDGETS.anomaly },
  { guard: 'recompute', step: 'recomputation' },
];

export const BASELINE = 'JSON.parse';

/**
 * Times `inspect` of every guard of the PCS preset on 1 kB records, a durable ledger append, and the whole gate
 * with both durable logs.
 */
export async function benchGuards(bodies: readonly string[], samples: number): Promise<Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'portcullis-bench-'));
  const inboxLog = await openInboxLog(join(directory, 'wal'));
  const ledger = await openLedger({
    directory: join(directory, 'ledger'),
    maxSegmentBytes: 2 ** 30,
    now: Date.now,
  });
  try {
    const tenants = createTenants([
      {
        id: 'bench',
        keys: [{ id: 'k', alg: 'hmac', key: BENCH_KEY }],
        vrf: { publicKey: edwards25519Tai.publicKey(VRF_SECRET) },
        rate: 1e6,
        burst: 1e6,
        pii: { mode: 'redact' },
      },
    ]);
    const guards = pcsGuards({ tenants });
    const proven = bodies.slice(0, 500).map(withProof);
    const subjects: Subject[] = [jsonParseBaseline(bodies)];
    for (const { guard: name } of STEPS) {
      const guard = guards.find((one) => one.name === name);
      if (guard === undefined) throw new Error(`the preset has no guard ${name}`);
      subjects.push(guardSubject(name, guard, name === 'vrf' ? proven : bodies));
    }

    const gateOf = (guards: readonly Guard[]): Gate =>
      createGate({
        guards,
        stages: { pii: 'enforce', sanity: 'enforce', anomaly: 'enforce', recompute: 'enforce', vrf: 'off' },
        tenant: () => 'bench',
        answer: pcsAnswer,
      });
    const inMemory = gateOf(pcsGuards({ tenants }));
    const durable = gateOf(
      pcsGuards({ tenants, inbox: inbox(inboxLog.append, () => false), appendRecord: ledger.append }),
    );
    const whole = (name: string, gate: Gate): Subject<string> => ({
      name,
      prepare: (at) => bodies[at % bodies.length] ?? '',
      async run(body) {
        const decision = await gate.inspect(buildExchange({ url: '/v1/pcs/submit', body, address: '192.0.2.1' }));
        if (decision.outcome !== 'allow') throw new Error(`the bench record got ${decision.status} ${decision.code}`);
      },
    });
    const record = ledgerRecord(await durable.inspect(buildExchange({ body: bodies.at(-1) ?? '' })));
    const append: Subject<LedgerRecord> = {
      name: 'ledger',
      prepare: () => record,
      run: (one) => ledger.append(one),
    };
    subjects.push(append, whole('memory', inMemory), whole('durable', durable));

    const timings = await measure(subjects, { warmup: Math.ceil(samples / 4), samples });
    const baseline = timings.get(BASELINE) as Timing;
    const row = (name: string, step: string, budget?: Budget): Row => {
      const timing = timings.get(name) as Timing;
      return { step, timing, budget, ratio: timing.p50 / baseline.p50 };
    };
    return [
      ...STEPS.map(({ guard, step, budget }) => row(guard, step, budget)),
      row('ledger', 'ledger append, durable, one at a time', BUDGETS.ledger),
      row('memory', 'all together without VRF and disk', BUDGETS.gate),
      row('durable', 'the same with inbox and ledger, each synced to disk', BUDGETS.gate),
    ];
  } finally {
    await inboxLog.close();
    await ledger.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function withProof(body: string): string {
  const record = JSON.parse(body) as { pcs_id: string };
  const alpha = pcsAlpha(record.pcs_id);
  const proof = edwards25519Tai.prove(VRF_SECRET, alpha);
  const result = edwards25519Tai.verify(edwards25519Tai.publicKey(VRF_SECRET), alpha, proof);
  if (!result.valid) throw new Error('a proof just made does not hold');
  return JSON.stringify({ ...record, seed: Number(seedFromBeta(result.beta)), vrf_proof: encodeBase64(proof) });
}
