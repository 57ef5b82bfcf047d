import { afterAll, beforeAll, expect, test } from 'vitest';
import { serverDatabase, type TestDatabase } from '../gateway/postgres/databases.ts';
import { startTestGateway } from '../helpers/gateway.ts';
import { signedBody, wireRecord } from '../helpers/pcs.ts';
import { runCli } from '../helpers/process.ts';

let it: TestDatabase;
beforeAll(async () => {
  it = await serverDatabase();
});
afterAll(() => it.drop());

test('ledger verify --postgres compares the index with the chain, and finds what a superuser changed', async () => {
  const gateway = await startTestGateway({ POSTGRES_CONN: it.url('app') });
  for (let epoch = 0; epoch < 3; epoch++) await gateway.submit(await signedBody(wireRecord({ epoch })));
  await gateway.gateway.close();
  const args = ['ledger', 'verify', '--dir', `${gateway.directory}/ledger`, '--postgres'];
  const env = { POSTGRES_OPS_CONN: it.url('ops') };
  const whole = await runCli(args, env);
  expect([whole.code, whole.stderr]).toEqual([0, '']);
  expect(whole.stdout).toMatch(/index in PostgreSQL: 3 entries agree\n$/);

  await it.sql(`begin; set local session_replication_role = replica;
    alter table portcullis.ledger_index disable trigger all;
    update portcullis.ledger_index set outcome = 'deny' where entry_index = 1;
    alter table portcullis.ledger_index enable always trigger ledger_index_append_only; commit`);
  const tampered = await runCli(args, env);
  expect(tampered.code).toBe(1);
  expect(tampered.stderr).toBe(
    'portcullis: the index in PostgreSQL does not agree with the ledger at entry 1: its row is not as the ledger says (outcome)\n',
  );
  const { code, stdout } = await runCli([...args, '--json'], env);
  expect([code, JSON.parse(stdout)]).toMatchObject([
    1,
    { ok: false, index: { fault: { index: 1, reason: 'differs', column: 'outcome' } } },
  ]);
  expect((await runCli(args, {})).stderr).toMatch(/POSTGRES_OPS_CONN is missing/);
});
