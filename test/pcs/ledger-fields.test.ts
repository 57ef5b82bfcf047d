import { expect, test } from 'vitest';
import { createGate } from '../../src/gate.ts';
import { MAX_FINDINGS } from '../../src/guards/pii/report.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { pcsGuards } from '../../src/pcs/preset.ts';
import { createTenants } from '../../src/tenancy/registry.ts';
import { buildExchange } from '../../src/testing/build-exchange.ts';
import { createPcsRecords } from '../../src/testing/pcs-records.ts';

/** What the ledger is given for a record with these fields. The default mode of the scanner: it only detects. */
async function recorded(overrides: Record<string, unknown>): Promise<LedgerRecord> {
  const kept: LedgerRecord[] = [];
  const tenants = createTenants([{ id: 'a', keys: 'none' }]);
  const gate = createGate({
    guards: pcsGuards({ tenants, appendRecord: (record) => void kept.push(record) }),
    tenant: () => 'a',
  });
  const body = await createPcsRecords().body(overrides as never);
  await gate.inspect(buildExchange({ url: '/v1/pcs/submit', body }));
  expect(kept).toHaveLength(1);
  return kept[0] as LedgerRecord;
}

test('a shard_id in which nothing was found is on record', async () => {
  expect(await recorded({ shard_id: 'edge-7:a.b_c' })).toMatchObject({ kind: 'decision', shard_id: 'edge-7:a.b_c' });
});

test.each([
  ['a card number', '4111-1111-1111-1111'],
  ['a card number among other characters', 'shard:4111-1111-1111-1111'],
  ['a social security number', '219-09-9998'],
])('a shard_id with %s is not: the record is append-only, and anybody can send one', async (_what, shard_id) => {
  const record = await recorded({ shard_id });
  expect(record).toMatchObject({ shard_id: null });
  expect(JSON.stringify(record)).not.toContain('1111-1111');
  expect(JSON.stringify(record)).not.toContain('219-09');
  expect(record.pcs_id).toMatch(/^[0-9a-f]{64}$/);
});

test('nor is one where so much was found elsewhere that the list of findings is full', async () => {
  const note = Array.from({ length: MAX_FINDINGS }, (_, at) => `a${at}@mail.org`).join(' ');
  expect(await recorded({ aaa: note, shard_id: '4111-1111-1111-1111' })).toMatchObject({ shard_id: null });
});
