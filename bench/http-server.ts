import process from 'node:process';
import express from 'express';
import { portcullis } from '../middleware/express.ts';
import { createGate, type Gate } from '../src/gate.ts';
import { pcsGuards } from '../src/pcs/preset.ts';
import { createTenants } from '../src/tenancy/tenant.ts';
import { BENCH_KEY } from './records.ts';

/** An Express application that parses JSON and answers it, in a process of its own, with or without a gate. */
const MODES: Readonly<Record<string, () => Gate | undefined>> = {
  bare: () => undefined,
  empty: () => createGate({ guards: [] }),
  pcs: pcsGate,
};

function pcsGate(): Gate {
  const tenants = createTenants([
    { id: 'bench', keys: [{ id: 'k', alg: 'hmac', key: BENCH_KEY }], rate: 1e6, burst: 1e6, pii: { mode: 'redact' } },
  ]);
  return createGate({
    guards: pcsGuards({ tenants }),
    stages: { pii: 'enforce', sanity: 'enforce', anomaly: 'enforce', recompute: 'enforce', vrf: 'off' },
    tenant: () => 'bench',
  });
}

const gate = MODES[process.argv[2] ?? '']?.();
const app = express();
if (gate !== undefined) app.use(portcullis(gate));
app.post('/v1/pcs/submit', express.json({ limit: '1mb' }), (req, res) => {
  res.json({ pcs_id: req.body.pcs_id, outcome: 'accepted' });
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.on('SIGINT', () => process.exit(0));
  process.send?.(typeof address === 'object' ? address?.port : undefined);
});
