import { describe, expect, test, vi } from 'vitest';
import type { Exchange } from '../src/exchange.ts';
import { createGate, type Fault } from '../src/gate.ts';
import { type Guard, type GuardContext, PASS, type Verdict } from '../src/guard.ts';
import type { Stages } from '../src/stage.ts';
import { buildExchange } from '../src/testing/build-exchange.ts';
import { createFakeClock } from '../src/testing/fake-clock.ts';
import { createRecorder } from '../src/testing/recorder.ts';

function says(name: string, verdict: Verdict | (() => Verdict | Promise<Verdict>), more: Partial<Guard> = {}): Guard {
  return {
    name,
    defaultStage: 'enforce',
    inspect: typeof verdict === 'function' ? verdict : () => verdict,
    ...more,
  };
}

describe('configuration that cannot work stops at once, in one line that names the option', () => {
  const pass = says('a', PASS);
  test.each<[string, () => unknown, RegExp]>([
    ['no guards', () => createGate({} as never), /^PTC_E002 .*gate\.guards is missing; give an array of guards$/],
    [
      'an unknown option',
      () => createGate({ guards: [], stage: {} } as never),
      /^PTC_E004 .*gate\.stage is an object; use one of guards,/,
    ],
    ['a name twice', () => createGate({ guards: [pass, pass] }), /^PTC_E005 .*one of the guards named a another name$/],
    [
      'a bad name',
      () => createGate({ guards: [says('A b', PASS)] }),
      /^PTC_E002 .*guard\.name is a string of 3 characters;/,
    ],
    ['no inspect', () => createGate({ guards: [{ name: 'a' } as never] }), /^PTC_E001 .*a\.inspect is missing;/],
    [
      'a stage for nobody',
      () => createGate({ guards: [pass], stages: { b: 'off' } }),
      /^PTC_E006 .*gate\.stages\.b is .*; use one of a$/,
    ],
    [
      'a stage that is none',
      () => createGate({ guards: [pass], stages: { a: 'shadow' as never } }),
      /^PTC_E007 .*gate\.stages\.a is a string of 6 characters; use 'off',/,
    ],
    [
      'a guard that is staged with nobody',
      () => createGate({ guards: [says('a', PASS, { stagedWith: 'b' })] }),
      /^PTC_E003 .*a\.stagedWith is a string of 1 characters; use one of a$/,
    ],
    ['a canary over 100', () => createGate({ guards: [pass], stages: { a: { canary: 101 } } }), /^PTC_E007 /],
    ['sinks that are no list', () => createGate({ guards: [], sinks: 'x' as never }), /^PTC_E002 .*gate\.sinks/],
    [
      'a sink that is none',
      () => createGate({ guards: [], sinks: [null as never] }),
      /^PTC_E001 .*gate\.sinks\[0\]\.record/,
    ],
    [
      'half a clock',
      () => createGate({ guards: [], clock: { now: () => 0 } as never }),
      /^PTC_E001 .*gate\.clock\.elapsed/,
    ],
    [
      'a deadline of 0',
      () => createGate({ guards: [says('a', PASS, { deadlineMs: 0 })] }),
      /^PTC_E003 .*a\.deadlineMs is the number 0; give a number from 1 to 60000$/,
    ],
    [
      'onError as a boolean',
      () => createGate({ guards: [says('a', PASS, { onError: true as never })] }),
      /^PTC_E002 .*a\.onError is true; use one of closed, open$/,
    ],
    [
      'a tenant that is no function',
      () => createGate({ guards: [], tenant: 'x' as never }),
      /^PTC_E002 .*gate\.tenant is a string of 1 characters; give a function$/,
    ],
  ])('%s', (_name, make, message) => {
    expect(make).toThrow(message);
  });
});

describe('the walk', () => {
  test('guards run in order; the first refusal in force ends it; facts and flags accumulate', async () => {
    const seen: string[] = [];
    const spy = (name: string, verdict: Verdict): Guard =>
      says(name, () => {
        seen.push(name);
        return verdict;
      });
    const gate = createGate({
      guards: [
        spy('flags', { kind: 'flag', facts: { one: 1 } }),
        says('facts', PASS, {
          inspect: (_e, { facts }) => ({ kind: 'pass', facts: { two: (facts.one as number) + 1 } }),
        }),
        spy('escalates', { kind: 'escalate', code: 'PTC_D412' }),
        spy('denies', { kind: 'deny', code: 'PTC_D303', detail: 'why' }),
        spy('later', PASS),
      ],
    });
    const decision = await gate.inspect(buildExchange());
    expect(seen).toEqual(['flags', 'escalates', 'denies']);
    expect(decision).toMatchObject({ outcome: 'deny', status: 401, code: 'PTC_D303', guard: 'denies', detail: 'why' });
    expect({ ...decision.facts }).toEqual({ one: 1, two: 2 });
  });

  test('an escalation does not end it; every reason is kept, the first one leads', async () => {
    const gate = createGate({
      guards: [
        says('first', { kind: 'escalate', code: 'PTC_D505' }),
        says('second', { kind: 'escalate', code: 'PTC_D509' }),
      ],
    });
    const decision = await gate.inspect(buildExchange());
    expect(decision).toMatchObject({ outcome: 'escalate', status: 202, code: 'PTC_D505', guard: 'first' });
    expect(decision.reasons.map(({ reason }) => reason)).toEqual(['nj_not_monotonic', 'anomaly']);
    expect(JSON.parse(decision.response?.body ?? '')).toEqual({
      outcome: 'escalated',
      reason: 'nj_not_monotonic',
      reasons: ['nj_not_monotonic', 'anomaly'],
      decision_id: decision.id,
    });
  });

  test('stages: off is not asked, report-only is asked and let through, per guard and per tenant', async () => {
    const deny: Verdict = { kind: 'deny', code: 'PTC_D201' };
    const gate = createGate({
      guards: [says('a', deny), says('b', deny)],
      stages: { a: 'off', b: 'report-only' },
      tenant: (exchange) => exchange.header('x-tenant'),
      tenantStages: (tenant) => (tenant === 'strict' ? { b: 'enforce' } : undefined),
    });
    const plain = await gate.inspect(buildExchange());
    expect([plain.outcome, plain.wouldBe.outcome, plain.verdicts.map(({ guard }) => guard)]).toEqual([
      'allow',
      'deny',
      ['b'],
    ]);
    const strict = await gate.inspect(buildExchange({ headers: { 'x-tenant': 'strict' } }));
    expect([strict.outcome, strict.guard, strict.tenant]).toEqual(['deny', 'b', 'strict']);
  });

  test('a guard that is staged with another has its stage, and is on the same side of its canary', async () => {
    const deny: Verdict = { kind: 'deny', code: 'PTC_D201' };
    const guards = [says('early', deny, { stagedWith: 'late' }), says('late', deny)];
    const stagesOf = async (stages: Stages, address?: string): Promise<unknown> => {
      const { verdicts } = await createGate({ guards, stages }).inspect(buildExchange(address ? { address } : {}));
      return verdicts.map(({ guard, stage }) => `${guard} ${stage}`);
    };
    expect(await stagesOf({})).toEqual(['early enforce']);
    expect(await stagesOf({ late: 'off' })).toEqual([]);
    expect(await stagesOf({ late: 'report-only' })).toEqual(['early report-only', 'late report-only']);
    expect(await stagesOf({ early: 'off' })).toEqual(['late enforce']);
    expect(await stagesOf({ early: 'enforce', late: 'report-only' })).toEqual(['early enforce']);
    const sides = new Set<string>();
    for (let at = 0; at < 40; at++) {
      const side = JSON.stringify(await stagesOf({ late: { canary: 50 } }, `192.0.2.${at}`));
      sides.add(side);
      // Halves of the guards' own would also meet in the middle.
      expect(await stagesOf({ early: { canary: 50 }, late: { canary: 50 } }, `192.0.2.${at}`)).toEqual(
        JSON.parse(side),
      );
    }
    expect([...sides].sort()).toEqual(['["early enforce"]', '["early report-only","late report-only"]']);
  });

  test('a guard without a named stage starts report-only', async () => {
    const gate = createGate({ guards: [{ name: 'new', inspect: () => ({ kind: 'deny', code: 'PTC_D201' }) }] });
    expect((await gate.inspect(buildExchange())).verdicts[0]?.stage).toBe('report-only');
  });

  test('tenant stages that are not valid enforce everything', async () => {
    const faults: Fault[] = [];
    const gate = createGate({
      guards: [says('a', { kind: 'deny', code: 'PTC_D201' })],
      stages: { a: 'off' },
      tenant: () => 't',
      tenantStages: () => ({ a: 'sometimes' as never }),
      onFault: (fault) => faults.push(fault),
    });
    expect((await gate.inspect(buildExchange())).outcome).toBe('deny');
    expect(faults.map(({ where }) => where)).toEqual(['stages']);
  });

  test('a body that cannot be had refuses for the first guard that needs it, without asking it', async () => {
    const inspect = vi.fn(() => PASS);
    const gate = createGate({ guards: [says('head', PASS), says('body', PASS, { reads: 'body', inspect })] });
    const decision = await gate.inspect(buildExchange({ bodyFault: 'PTC_D101' }));
    expect(decision).toMatchObject({ outcome: 'deny', status: 413, guard: 'body' });
    expect(inspect).not.toHaveBeenCalled();
  });

  test('a head guard that reaches for the body has failed', async () => {
    const faults: Fault[] = [];
    const gate = createGate({
      guards: [says('head', PASS, { inspect: (exchange) => (exchange.bytes() ? PASS : PASS) })],
      onFault: (fault) => faults.push(fault),
    });
    expect(await gate.inspect(buildExchange())).toMatchObject({ status: 503, code: 'PTC_D801' });
    expect(String(faults[0]?.error)).toContain('PTC_E014');
  });
});

const raise = (): never => {
  throw new Error('secret in a message');
};

const headers = (count: number, value: string): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, value]));

function hostile(): Record<string, string> {
  return Object.defineProperty({}, 'x', { enumerable: true, get: raise });
}

describe('failures are contained', () => {
  const failures: [string, () => Verdict | Promise<Verdict>, string][] = [
    [
      'throws',
      () => {
        throw new Error('secret in a message');
      },
      'PTC_D801',
    ],
    [
      'throws nothing',
      () => {
        throw undefined;
      },
      'PTC_D801',
    ],
    ['rejects', () => Promise.reject(new Error('secret in a message')), 'PTC_D801'],
    ['returns nothing', () => undefined as never, 'PTC_D801'],
    ['returns an unknown code', () => ({ kind: 'deny', code: 'PTC_D999' as never }), 'PTC_D801'],
    ['has facts with a getter that throws', () => ({ kind: 'pass', facts: hostile() }), 'PTC_D801'],
    ['has headers with a getter that throws', () => ({ kind: 'pass', headers: hostile() }), 'PTC_D801'],
    [
      'has findings that are a proxy',
      () => ({ kind: 'flag', findings: new Proxy([], { get: raise }) as never[] }),
      'PTC_D801',
    ],
    ['has a finding that is null', () => ({ kind: 'flag', findings: [null as never] }), 'PTC_D801'],
    [
      'has a finding without a place',
      () => ({ kind: 'flag', findings: [{ rule: 'a/b', score: 1 } as never] }),
      'PTC_D801',
    ],
    ['has a detail that is no text', () => ({ kind: 'deny', code: 'PTC_D201', detail: 5n as never }), 'PTC_D801'],
    ['splits a header', () => ({ kind: 'pass', headers: { 'x-a': 'a\r\nset-cookie: b' } }), 'PTC_D801'],
    ['names a header with a blank', () => ({ kind: 'pass', headers: { 'x a': 'b' } }), 'PTC_D801'],
    ['frames the answer', () => ({ kind: 'pass', headers: { 'Transfer-Encoding': 'chunked' } }), 'PTC_D801'],
    ['says how long the answer is', () => ({ kind: 'pass', headers: { 'content-length': '1' } }), 'PTC_D801'],
    ['announces trailers', () => ({ kind: 'pass', headers: { Trailer: 'x' } }), 'PTC_D801'],
    ['closes the connection', () => ({ kind: 'pass', headers: { connection: 'close' } }), 'PTC_D801'],
    ['sets a header in two letter cases', () => ({ kind: 'pass', headers: { 'x-a': '1', 'X-A': '2' } }), 'PTC_D801'],
    ['sets 65 headers', () => ({ kind: 'pass', headers: headers(65, 'x') }), 'PTC_D801'],
    ['sets more than 8 KiB of headers', () => ({ kind: 'pass', headers: headers(8, 'x'.repeat(1_024)) }), 'PTC_D801'],
    [
      'answers with framing',
      () => ({
        kind: 'answer',
        code: 'PTC_D701',
        response: { status: 200, headers: { 'Content-Length': '9' }, body: '' },
      }),
      'PTC_D801',
    ],
    [
      'answers 204 with a body',
      () => ({ kind: 'answer', code: 'PTC_D701', response: { status: 204, headers: {}, body: 'x' } }),
      'PTC_D801',
    ],
    [
      'redacts more often than there are characters',
      () => ({
        kind: 'redact',
        patches: Array.from({ length: 1_000 }, () => ({ start: 0, end: 0, text: '' })),
      }),
      'PTC_D801',
    ],
    ['waits for ever', () => ({ kind: 'throttle', code: 'PTC_D601', retryAfterMs: Infinity }), 'PTC_D801'],
    ['throttles with a code of 200', () => ({ kind: 'throttle', code: 'PTC_D508', retryAfterMs: 1 }), 'PTC_D801'],
    ['denies with a code of 202', () => ({ kind: 'deny', code: 'PTC_D501' }), 'PTC_D801'],
    ['fails with a code of 200', () => ({ kind: 'error', code: 'PTC_D701' }), 'PTC_D801'],
    ['refuses with 200', () => ({ kind: 'deny', code: 'PTC_D201', status: 200 }), 'PTC_D801'],
    ['redacts outside the body', () => ({ kind: 'redact', patches: [{ start: 0, end: 99, text: '' }] }), 'PTC_D801'],
    [
      'has a getter that throws',
      () =>
        ({
          get kind(): never {
            throw new Error('x');
          },
        }) as never,
      'PTC_D801',
    ],
    [
      'is a hostile thenable',
      () =>
        Object.defineProperty({}, 'then', {
          get: () => {
            throw new Error('x');
          },
        }) as never,
      'PTC_D801',
    ],
  ];
  test.each(failures)('a guard that %s', async (_name, inspect, code) => {
    for (const onError of ['closed', 'open'] as const) {
      const gate = createGate({ guards: [says('bad', inspect, { onError, reads: 'body' }), says('next', PASS)] });
      const decision = await gate.inspect(buildExchange());
      expect(decision.outcome).toBe(onError === 'closed' ? 'deny' : 'allow');
      expect(decision.verdicts[0]?.verdict).toEqual({ kind: 'error', code });
      if (onError === 'closed') {
        expect(decision.response).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
        expect(JSON.stringify(decision)).not.toContain('secret');
      } else {
        expect(decision.verdicts.length).toBe(2);
      }
    }
  });

  test('a guard that hangs is left behind at its deadline, and its late rejection is handled', async () => {
    const clock = createFakeClock();
    let reject: (error: Error) => void = () => {};
    const hang = new Promise<Verdict>((_resolve, no) => {
      reject = no;
    });
    const gate = createGate({ guards: [says('slow', () => hang, { deadlineMs: 100 })], clock });
    const pending = gate.inspect(buildExchange());
    clock.advance(99);
    const early = await Promise.race([pending, Promise.resolve('pending')]);
    expect(early).toBe('pending');
    clock.advance(1);
    expect(await pending).toMatchObject({ outcome: 'deny', status: 503, code: 'PTC_D802', guard: 'slow' });
    reject(new Error('late'));
  });

  test('a tenant, canary or answer function that throws does not throw out of the gate', async () => {
    const faults: string[] = [];
    const boom = (): never => {
      throw new Error('boom');
    };
    const gate = createGate({
      guards: [says('a', { kind: 'escalate', code: 'PTC_D412' })],
      stages: { a: { canary: 100 } },
      tenant: boom,
      canaryKey: boom,
      answer: boom,
      onFault({ where }) {
        faults.push(where);
        throw new Error('and so does the handler');
      },
    });
    const decision = await gate.inspect(buildExchange());
    expect([decision.outcome, decision.tenant, decision.response?.status]).toEqual(['escalate', undefined, 202]);
    expect(faults).toEqual(['tenant', 'stages', 'answer']);
  });
});

describe('what callers give the gate is contained too', () => {
  test('a fault handler, and a sink, that reject do not end the process', async () => {
    const unhandled = vi.fn();
    process.once('unhandledRejection', unhandled);
    const reject = (_yes: unknown, no: (error: Error) => void): void => no(new Error('x'));
    const thenable = Object.defineProperty({}, 'then', { value: reject }) as never;
    const gate = createGate({
      guards: [says('a', raise)],
      onFault: () => Promise.reject(new Error('x')) as never,
      sinks: [{ record: () => Promise.reject(new Error('x')) }, { record: () => thenable }],
    });
    await gate.inspect(buildExchange());
    await gate.flush();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(unhandled).not.toHaveBeenCalled();
    process.off('unhandledRejection', unhandled);
  });

  test('functions that must answer at once, and promise instead: a fault, and no rejection that ends the process', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const later = (() => Promise.reject(new Error('x'))) as never;
    const faults: string[] = [];
    const onFault = ({ where }: { where: string }) => void faults.push(where);
    const guards = [says('a', { kind: 'deny', code: 'PTC_D201' })];
    const promising = createGate({ guards, tenant: later, newId: later, canaryKey: later, answer: later, onFault });
    const stages = { a: 'report-only' } as const;
    const staged = createGate({ guards, stages, tenant: () => 't', tenantStages: later, onFault });
    const canary = createGate({ guards, stages: { a: { canary: 1 } }, canaryKey: later, answer: later, onFault });
    await promising.inspect(buildExchange());
    await canary.inspect(buildExchange());
    expect((await staged.inspect(buildExchange())).outcome).toBe('deny');
    expect(faults).toEqual(['id', 'tenant', 'stages', 'answer', 'stages']);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(unhandled).not.toHaveBeenCalled();
    process.off('unhandledRejection', unhandled);
  });

  test.each<[string, unknown]>([
    ['a promise', Promise.resolve({ status: 200, headers: {}, body: '' })],
    ['a status that is none', { status: 9_999, headers: {}, body: '' }],
    ['text', 'OK'],
    ['a header that splits', { status: 200, headers: { a: 'b\nc' }, body: '' }],
    ['a header that frames', { status: 200, headers: { 'transfer-encoding': 'chunked' }, body: '' }],
    ['a body where none may be', { status: 304, headers: {}, body: 'x' }],
  ])('an answer that is %s counts as none', async (_name, answer) => {
    const faults: string[] = [];
    const gate = createGate({
      guards: [says('a', { kind: 'escalate', code: 'PTC_D412' })],
      answer: () => answer as never,
      onFault: ({ where }) => faults.push(where),
    });
    expect((await gate.inspect(buildExchange())).response?.status).toBe(202);
    expect(faults).toEqual(['answer']);
  });

  test.each(['escalate', 'error', 'deny', 'flag'])('%s with a code that changes each time it is read', async (kind) => {
    const codes = ['PTC_D412', 'PTC_D999', 'PTC_D801'];
    for (const first of [0, 1, 2]) {
      let reads = first;
      const fickle = Object.defineProperty({ kind }, 'code', { enumerable: true, get: () => codes[reads++ % 3] });
      const gate = createGate({ guards: [says('a', fickle as never)] });
      expect(['allow', 'escalate', 'deny']).toContain((await gate.inspect(buildExchange())).outcome);
    }
  });

  test('a guard may have the name of what every object brings along', async () => {
    const guards = ['constructor', 'to-string', 'valueof'].map((name) =>
      says(name, { kind: 'deny', code: 'PTC_D201' }),
    );
    for (const tenantStages of [undefined, () => ({})]) {
      for (const guard of guards) {
        const gate = createGate({ guards: [guard], tenant: () => 't', ...(tenantStages && { tenantStages }) });
        expect((await gate.inspect(buildExchange())).outcome).toBe('deny');
      }
    }
  });

  test('64 headers of 8 KiB together are taken, names in lower case', async () => {
    const most = headers(64, 'x'.repeat(8_192 / 64 - 4));
    const gate = createGate({ guards: [says('a', { kind: 'pass', headers: { ...most, 'x-9': '' } })] });
    expect(Object.keys((await gate.inspect(buildExchange())).headers).length).toBe(64);
    const odd = createGate({ guards: [says('a', { kind: 'pass', headers: { 'X-Odd': 'Y' } })] });
    expect((await odd.inspect(buildExchange())).headers).toEqual({ 'x-odd': 'Y' });
  });

  test.each<[string, () => unknown]>([
    ['throws', raise],
    ['gives none', () => undefined],
    ['gives an empty one', () => ''],
    ['gives a promise of one', async () => 'id'],
  ])('an id maker that %s: random ids', async (_name, newId) => {
    const faults: string[] = [];
    const gate = createGate({ guards: [], newId: newId as never, onFault: ({ where }) => faults.push(where) });
    expect((await gate.inspect(buildExchange())).id).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    expect(faults).toEqual(['id']);
  });

  test('a tenant that is no text is nobody; a canary key that is no text is empty', async () => {
    for (const odd of [Promise.resolve('t'), 5, Symbol('x'), { toString: raise }]) {
      const gate = createGate({
        guards: [says('a', PASS)],
        stages: { a: { canary: 50 } },
        tenant: () => odd as never,
        canaryKey: () => odd as never,
      });
      const plain = createGate({ guards: [says('a', PASS)], stages: { a: { canary: 50 } }, canaryKey: () => '' });
      const decision = await gate.inspect(buildExchange());
      expect(decision.tenant).toBeUndefined();
      expect(decision.verdicts[0]?.stage).toBe((await plain.inspect(buildExchange())).verdicts[0]?.stage);
    }
  });

  test('a guard that changes its verdict afterwards changes nothing', async () => {
    const patch = { start: 0, end: 1, text: '*' };
    const gate = createGate({
      guards: [says('a', { kind: 'redact', patches: [patch] }, { reads: 'body' })],
    });
    const decision = await gate.inspect(buildExchange({ body: 'abc' }));
    patch.end = 99;
    expect(decision.patches).toEqual([{ start: 0, end: 1, text: '*' }]);
  });
});

describe('settling', () => {
  test('in guard order, after the decision, with the answer that will go out', async () => {
    const order: string[] = [];
    const settles = (name: string): Partial<Guard> => ({
      settle: async (_exchange, decision) => {
        await null;
        order.push(`${name} ${decision.outcome} ${decision.response?.status}`);
      },
    });
    const gate = createGate({
      guards: [
        says('a', PASS, settles('a')),
        says('b', { kind: 'deny', code: 'PTC_D303' }, settles('b')),
        says('c', PASS, settles('c')),
      ],
    });
    await gate.inspect(buildExchange());
    expect(order).toEqual(['a deny 401', 'b deny 401']);
  });

  test('a closed guard that cannot settle refuses, and the guards after it are told so', async () => {
    const told: string[] = [];
    const gate = createGate({
      guards: [
        says('record', PASS, { settle: () => Promise.reject(new Error('disk')) }),
        says('holds', PASS, { settle: (_exchange, { outcome }) => void told.push(outcome) }),
      ],
    });
    const decision = await gate.inspect(buildExchange());
    expect(decision).toMatchObject({ outcome: 'deny', status: 503, code: 'PTC_D803', guard: 'record' });
    expect(told).toEqual(['deny']);
  });

  test('an open or report-only guard that cannot settle changes nothing', async () => {
    const fails: Partial<Guard> = { settle: () => Promise.reject(new Error('disk')) };
    const gate = createGate({
      guards: [says('open', PASS, { ...fails, onError: 'open' }), says('shadow', PASS, fails)],
      stages: { shadow: 'report-only' },
    });
    const decision = await gate.inspect(buildExchange());
    expect([decision.outcome, decision.wouldBe.code]).toEqual(['allow', 'PTC_D803']);
  });
});

describe('what guards and sinks are given', () => {
  test('redactions in force change the current body, those of a report-only guard do not', async () => {
    const bodies: string[] = [];
    const patch = (start: number, text: string): Verdict => ({
      kind: 'redact',
      patches: [{ start, end: start + 1, text }],
    });
    const look = (name: string): Guard =>
      says(name, PASS, {
        reads: 'body',
        inspect(_exchange, context: GuardContext) {
          bodies.push(new TextDecoder().decode(context.currentBody()));
          return PASS;
        },
      });
    const gate = createGate({
      guards: [
        look('before'),
        says('shadow', patch(0, 'S'), { reads: 'body' }),
        says('force', patch(2, '🙂'), { reads: 'body' }),
        look('after'),
      ],
      stages: { shadow: 'report-only' },
    });
    const decision = await gate.inspect(buildExchange({ body: 'abcd' }));
    expect(bodies).toEqual(['abcd', 'ab🙂d']);
    expect(decision.patches).toEqual([{ start: 2, end: 3, text: '🙂' }]);
    expect(decision.wouldBe.patches.length).toBe(2);
  });

  test('sinks get every decision in order, frozen, after it was made; one that fails stops nobody', async () => {
    const recorder = createRecorder();
    const faults: string[] = [];
    const gate = createGate({
      guards: [says('a', PASS)],
      sinks: [
        {
          record: () => {
            throw new Error('sink');
          },
        },
        { record: () => Promise.reject(new Error('sink')) },
        {
          record: (decision) => {
            (decision as { outcome: string }).outcome = 'deny';
          },
        },
        recorder,
      ],
      onFault: ({ where }) => faults.push(where),
    });
    const first = await gate.inspect(buildExchange());
    expect(recorder.decisions).toEqual([]);
    const second = await gate.inspect(buildExchange());
    await gate.flush();
    expect(recorder.decisions).toEqual([first, second]);
    expect(recorder.decisions[0]?.outcome).toBe('allow');
    expect(faults).toEqual(['sink', 'sink', 'sink', 'sink', 'sink', 'sink']);
  });

  test('a guard that learns is told of decisions that were made before its turn', async () => {
    const told: string[] = [];
    const gate = createGate({
      guards: [
        says('first', { kind: 'deny', code: 'PTC_D303' }),
        says('learns', PASS, { record: ({ code }) => void told.push(String(code)) }),
      ],
    });
    await gate.inspect(buildExchange());
    await gate.flush();
    expect(told).toEqual(['PTC_D303']);
  });

  test('a sink that never finishes delays no decision', async () => {
    const gate = createGate({ guards: [], sinks: [{ record: () => new Promise(() => {}) }] });
    for (let i = 0; i < 3; i++) expect((await gate.inspect(buildExchange())).outcome).toBe('allow');
  });

  test('the context carries tenant, time and decision id', async () => {
    const clock = createFakeClock(1_234);
    const inspect = vi.fn((_exchange: Exchange, _context: GuardContext) => PASS);
    const gate = createGate({
      guards: [says('a', PASS, { inspect })],
      tenant: () => 't1',
      clock,
      newId: () => 'id-1',
    });
    const decision = await gate.inspect(buildExchange({ url: '/x?y=1', method: 'PUT' }));
    expect(inspect.mock.calls[0]?.[1]).toMatchObject({ tenant: 't1', now: 1_234, decisionId: 'id-1' });
    expect(decision).toMatchObject({ id: 'id-1', at: 1_234, tenant: 't1', method: 'PUT', path: '/x' });
  });
});

test('a body with hundreds of thousands of redactions still gets its decision', async () => {
  const body = 'x'.repeat(300_000);
  const patches = Array.from({ length: 300_000 }, (_, at) => ({ start: at, end: at + 1, text: '*' }));
  for (const stage of ['report-only', 'enforce'] as const) {
    const gate = createGate({
      guards: [says('a', { kind: 'redact', patches }, { reads: 'body' })],
      stages: { a: stage },
    });
    const decision = await gate.inspect(buildExchange({ body }));
    expect([decision.outcome, decision.wouldBe.patches.length]).toEqual(['allow', 300_000]);
  }
});
