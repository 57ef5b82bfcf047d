import { describe, expect, test } from 'vitest';
import { createGate } from '../../src/gate.ts';
import { type Guard, PASS } from '../../src/guard.ts';
import { ledger } from '../../src/ledger/guard.ts';
import type { DecisionRecord } from '../../src/ledger/record.ts';
import { buildExchange } from '../../src/testing/build-exchange.ts';
import { createFakeClock } from '../../src/testing/fake-clock.ts';

const place = { in: 'body', pointer: '/secret-key-of-the-client' } as const;
const refuser: Guard = {
  name: 'refuser',
  inspect: () => ({
    kind: 'deny',
    code: 'PTC_D201',
    detail: 'words',
    findings: [
      { rule: 'pii/email', place, score: 1 },
      { rule: 'pii/email', place, score: 1 },
      { rule: 'pii/phone', place, score: 1 },
    ],
    facts: { kept: 'yes', dropped: 'no' },
  }),
};

test('a record says who, when, what and why, and nothing of the request', async () => {
  const records: DecisionRecord[] = [];
  const gate = createGate({
    guards: [
      ledger({ append: (record) => void records.push(record), fields: ({ facts }) => ({ kept: facts.kept }) }),
      refuser,
    ],
    stages: { refuser: 'enforce' },
    tenant: () => 't',
    clock: createFakeClock(Date.UTC(2030, 0, 2, 3, 4, 5, 6)),
    newId: () => 'id-1',
  });
  await gate.inspect(buildExchange({ url: '/path-of-the-client?query=1', headers: { 'x-h': 'header-of-the-client' } }));
  expect(records).toEqual([
    {
      kind: 'decision',
      timestamp: '2030-01-02T03:04:05.006Z',
      decision_id: 'id-1',
      tenant: 't',
      outcome: 'deny',
      status: 400,
      code: 'PTC_D201',
      guard: 'refuser',
      reasons: [],
      would_be: { outcome: 'deny', status: 400, code: 'PTC_D201' },
      verdicts: [
        { guard: 'ledger', verdict: 'pass', stage: 'enforce', rules: [] },
        { guard: 'refuser', verdict: 'deny', stage: 'enforce', rules: ['pii/email', 'pii/phone'] },
      ],
      // Nobody read the body.
      body_digest: null,
      kept: 'yes',
    },
  ]);
  expect(JSON.stringify(records)).not.toMatch(/of-the-client/);
});

test('what report-only held back is on record', async () => {
  const records: DecisionRecord[] = [];
  const gate = createGate({ guards: [ledger({ append: (record) => void records.push(record) }), refuser] });
  await gate.inspect(buildExchange());
  expect(records[0]).toMatchObject({ outcome: 'allow', code: null, would_be: { outcome: 'deny', code: 'PTC_D201' } });
});

test('an append that fails, throws or hangs refuses with 503', async () => {
  const clock = createFakeClock();
  const appends: (() => void | Promise<void>)[] = [
    () => Promise.reject(new Error('disk')),
    () => {
      throw new Error('disk');
    },
    () => new Promise(() => {}),
  ];
  for (const append of appends) {
    const gate = createGate({ guards: [ledger({ append })], clock });
    const pending = gate.inspect(buildExchange());
    for (let turn = 0; turn < 5; turn++) await null;
    clock.advance(60_000);
    expect(await pending).toMatchObject({ status: 503, code: 'PTC_D803', guard: 'ledger' });
  }
});

describe('the digest of the body is on record where the body was read', () => {
  const reader: Guard = { name: 'reader', reads: 'body', inspect: () => PASS };
  // `printf abc | sha256sum`; FIPS 180-4 has it as its first example.
  const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  // `head -c 1000000 /dev/zero | tr '\\0' a | sha256sum`; its third one.
  const MILLION = 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0';

  test.each([
    ['abc', ABC],
    ['a'.repeat(1_000_000), MILLION],
  ])('%#', async (body, digest) => {
    const records: DecisionRecord[] = [];
    const gate = createGate({ guards: [ledger({ append: (record) => void records.push(record) }), reader] });
    await gate.inspect(buildExchange({ body }));
    expect(records[0]?.body_digest).toBe(digest);
  });

  test('null where it could not be read', async () => {
    const records: DecisionRecord[] = [];
    const gate = createGate({
      guards: [ledger({ append: (record) => void records.push(record) }), reader],
      stages: { reader: 'enforce' },
    });
    await gate.inspect(buildExchange({ bodyFault: 'PTC_D101' }));
    expect(records[0]).toMatchObject({ code: 'PTC_D101', body_digest: null });
  });

  test('a correction has it too', async () => {
    const records: DecisionRecord[] = [];
    const failing: Guard = { ...reader, defaultStage: 'enforce', settle: () => Promise.reject(new Error('gone')) };
    const gate = createGate({ guards: [ledger({ append: (record) => void records.push(record) }), failing] });
    await gate.inspect(buildExchange({ body: 'abc' }));
    await gate.flush();
    expect(records.map(({ status, body_digest }) => [status, body_digest])).toEqual([
      [200, ABC],
      [503, ABC],
    ]);
  });
});

test('append is asked for', () => {
  expect(() => ledger({} as never)).toThrow(/^PTC_E001 .*ledger\.append is missing/);
});

describe('what the client was told in the end is on record', () => {
  const failing: Guard = {
    name: 'failing',
    defaultStage: 'enforce',
    inspect: () => PASS,
    settle: () => Promise.reject(new Error('store gone')),
  };

  test('a later guard that cannot settle: a second record corrects the first', async () => {
    const records: DecisionRecord[] = [];
    const gate = createGate({ guards: [ledger({ append: (record) => void records.push(record) }), failing] });
    const decision = await gate.inspect(buildExchange());
    await gate.flush();
    expect(
      records.map(({ decision_id, outcome, status, code, corrects }) => [decision_id, outcome, status, code, corrects]),
    ).toEqual([
      [decision.id, 'allow', 200, null, undefined],
      [decision.id, 'deny', 503, 'PTC_D803', decision.id],
    ]);
  });

  test('a record that is late: the correction comes after it', async () => {
    const clock = createFakeClock();
    const records: DecisionRecord[] = [];
    let arrive: () => void = () => {};
    const late = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    let appends = 0;
    const append = async (record: DecisionRecord): Promise<void> => {
      if (appends++ === 0) await late;
      records.push(record);
    };
    const gate = createGate({ guards: [ledger({ append })], clock });
    const pending = gate.inspect(buildExchange());
    await Promise.resolve();
    clock.advance(2_000);
    expect((await pending).status).toBe(503);
    arrive();
    await gate.flush();
    expect(records.map(({ status }) => status).sort()).toEqual([200, 503]);
  });

  test('no correction where the ledger only reports, or everything went well', async () => {
    for (const [stage, guards, count] of [
      ['report-only', [failing], 1],
      ['enforce', [], 1],
    ] as const) {
      const records: DecisionRecord[] = [];
      const gate = createGate({
        guards: [ledger({ append: (record) => void records.push(record) }), ...guards],
        stages: { ledger: stage, ...(guards.length > 0 && { failing: 'report-only' as const }) },
      });
      await gate.inspect(buildExchange());
      await gate.flush();
      expect(records.length).toBe(count);
    }
  });
});
