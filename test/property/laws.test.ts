import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Clock } from '../../src/clock.ts';
import type { Decision, Ruling } from '../../src/decide.ts';
import { DECISION_CODES, type DecisionCode } from '../../src/errors.ts';
import { createGate } from '../../src/gate.ts';
import type { Guard, Verdict } from '../../src/guard.ts';
import type { Stage } from '../../src/stage.ts';
import { buildExchange } from '../../src/testing/build-exchange.ts';
import { createRecorder } from '../../src/testing/recorder.ts';

/** What a random guard does: how it answers, with what, and how it settles. */
interface Behaviour {
  readonly how: 'sync' | 'async' | 'throws' | 'rejects' | 'hangs' | 'nonsense';
  readonly verdict: Verdict;
  readonly nonsense: () => unknown;
  readonly reads: 'head' | 'body';
  readonly onError: 'open' | 'closed';
  readonly settles: 'no' | 'sync' | 'async' | 'throws' | 'rejects' | 'hangs';
  readonly stage: Stage;
}

const CODES = Object.keys(DECISION_CODES) as DecisionCode[];
const code = fc.constantFrom(...CODES);
/** Codes whose own status fits what a verdict means. */
const codeFrom = (from: number, to: number): fc.Arbitrary<DecisionCode> =>
  fc.constantFrom(...CODES.filter((one) => DECISION_CODES[one].status >= from && DECISION_CODES[one].status <= to));

const boom = (): never => {
  throw new Error('boom');
};

/** What is no verdict, some of it only at a second look. */
const NONSENSE: readonly (() => unknown)[] = [
  () => ({ kind: 'what' }),
  () => undefined,
  () => Object.defineProperty({ kind: 'pass' }, 'facts', { enumerable: true, get: boom }),
  () => ({ kind: 'pass', facts: Object.defineProperty({}, 'x', { enumerable: true, get: boom }) }),
  () => ({ kind: 'pass', headers: Object.defineProperty({}, 'x', { enumerable: true, get: boom }) }),
  () => ({ kind: 'flag', findings: new Proxy([1], { get: boom }) }),
  () => ({ kind: 'flag', findings: [null] }),
  () => ({ kind: 'deny', code: 'PTC_D201', findings: [{ rule: 'a/b', place: { in: 'body' }, score: 1 }] }),
  () => ({ kind: 'deny', code: 'PTC_D201', detail: 5n }),
  () => ({ kind: 'deny', code: 'PTC_D501' }),
  () => ({ kind: 'throttle', code: 'PTC_D601', retryAfterMs: Number.POSITIVE_INFINITY }),
  () => ({ kind: 'throttle', code: 'PTC_D508', retryAfterMs: 1 }),
  () => ({ kind: 'error', code: 'PTC_D701' }),
  () => ({ kind: 'pass', headers: { 'x-a': 'a\r\nb: c' } }),
  () => ({ kind: 'answer', code: 'PTC_D701', response: { status: 200, headers: { 'x y': 'z' }, body: '' } }),
];
const BODY = '{"a":"some text to redact"}';

const verdict: fc.Arbitrary<Verdict> = fc.oneof(
  fc.constant<Verdict>({ kind: 'pass' }),
  fc.record({ kind: fc.constant('flag' as const), code }),
  fc.record({ kind: fc.constant('escalate' as const), code }),
  fc.record({
    kind: fc.constant('deny' as const),
    code: codeFrom(400, 599),
    findings: fc.constant([{ rule: 'x/y', place: { in: 'body' as const, pointer: '/a' }, score: 1 }]),
  }),
  fc.record({ kind: fc.constant('throttle' as const), code: codeFrom(429, 429), retryAfterMs: fc.nat(10_000) }),
  fc.record({
    kind: fc.constant('answer' as const),
    code,
    response: fc.record({ status: fc.constantFrom(200, 202), headers: fc.constant({}), body: fc.string() }),
  }),
  fc.record({
    kind: fc.constant('redact' as const),
    patches: fc.array(
      fc.tuple(fc.nat(BODY.length), fc.nat(BODY.length)).map(([a, b]) => ({
        start: Math.min(a, b),
        end: Math.max(a, b),
        text: '*',
      })),
      { maxLength: 3 },
    ),
  }),
  fc.record({ kind: fc.constant('error' as const), code: codeFrom(500, 599) }),
);

const behaviour: fc.Arbitrary<Behaviour> = fc.record({
  how: fc.constantFrom('sync', 'sync', 'async', 'throws', 'rejects', 'hangs', 'nonsense'),
  verdict,
  nonsense: fc.constantFrom(...NONSENSE),
  reads: fc.constantFrom('head', 'body'),
  onError: fc.constantFrom('open', 'closed'),
  settles: fc.constantFrom('no', 'no', 'sync', 'async', 'throws', 'rejects', 'hangs'),
  stage: fc.constantFrom<Stage>('off', 'report-only', 'enforce', { canary: 50 }),
});

/** Deadlines pass at once: timers fire in a microtask, so hanging guards cost no time. */
function eagerClock(): Clock {
  return {
    now: () => 0,
    elapsed: () => 0,
    after(_ms, callback) {
      let on = true;
      // Several turns later, so that guards which do answer are heard first.
      const wait = async (): Promise<void> => {
        for (let turn = 0; turn < 5; turn++) await null;
        if (on) callback();
      };
      void wait();
      return () => {
        on = false;
      };
    },
  };
}

const never = (): Promise<never> => new Promise(() => {});

function build(behaviours: readonly Behaviour[], settled: Decision[][]): Guard[] {
  return behaviours.map((b, at): Guard => {
    settled[at] = [];
    const guard: Guard = {
      name: `guard-${at}`,
      reads: b.reads,
      onError: b.onError,
      deadlineMs: 10,
      inspect() {
        switch (b.how) {
          case 'sync':
            return b.verdict;
          case 'async':
            return Promise.resolve(b.verdict);
          case 'throws':
            throw new Error('thrown');
          case 'rejects':
            return Promise.reject(new Error('rejected'));
          case 'hangs':
            return never();
          default:
            return b.nonsense() as Verdict;
        }
      },
    };
    if (b.settles === 'no') return guard;
    return {
      ...guard,
      settle(_exchange, decision) {
        settled[at]?.push(decision);
        switch (b.settles) {
          case 'sync':
            return;
          case 'async':
            return Promise.resolve();
          case 'throws':
            throw new Error('thrown');
          case 'rejects':
            return Promise.reject(new Error('rejected'));
          default:
            return never();
        }
      },
    };
  });
}

function stagesOf(behaviours: readonly Behaviour[], stage?: Stage): Record<string, Stage> {
  return Object.fromEntries(behaviours.map((b, at) => [`guard-${at}`, b.stage === 'off' ? 'off' : (stage ?? b.stage)]));
}

async function decideWith(
  behaviours: readonly Behaviour[],
  bodyFault: DecisionCode | undefined,
  stage?: Stage,
): Promise<{ decision: Decision; settled: Decision[][]; recorded: readonly Decision[] }> {
  const settled: Decision[][] = [];
  const recorder = createRecorder();
  const gate = createGate({
    guards: build(behaviours, settled),
    stages: stagesOf(behaviours, stage),
    clock: eagerClock(),
    newId: () => 'id',
    sinks: [recorder],
  });
  const exchange = buildExchange({
    body: BODY,
    address: '192.0.2.1',
    ...(bodyFault !== undefined && { bodyFault }),
  });
  const decision = await gate.inspect(exchange);
  await gate.flush();
  return { decision, settled, recorded: recorder.decisions };
}

function rulingOf(decision: Ruling): Ruling {
  const { outcome, status, reasons, findings, patches, headers } = decision;
  const { code: decisionCode, guard, detail, retryAfterMs, known } = decision;
  return JSON.parse(
    JSON.stringify({
      outcome,
      status,
      code: decisionCode,
      guard,
      detail,
      reasons,
      findings,
      patches,
      headers,
      retryAfterMs,
      known,
    }),
  );
}

const behaviours = fc.array(behaviour, { maxLength: 6 });
const bodyFault = fc.option(fc.constantFrom<DecisionCode>('PTC_D101', 'PTC_D103'), { nil: undefined, freq: 8 });

test('shadow parity: report-only says what enforcing would have said, and lets everything through', async () => {
  await fc.assert(
    fc.asyncProperty(behaviours, bodyFault, async (random, fault) => {
      const shadow = await decideWith(random, fault, 'report-only');
      const enforced = await decideWith(random, fault, 'enforce');
      expect(rulingOf(shadow.decision.wouldBe)).toEqual(rulingOf(enforced.decision));
      expect(rulingOf(enforced.decision.wouldBe)).toEqual(rulingOf(enforced.decision));
      expect(rulingOf(shadow.decision)).toEqual({
        outcome: 'allow',
        status: 200,
        reasons: [],
        findings: [],
        patches: [],
        headers: {},
      });
      expect(shadow.decision.response).toBeUndefined();
    }),
    { numRuns: 1_000 },
  );
});

test('wouldBe does not depend on the mix of stages', async () => {
  await fc.assert(
    fc.asyncProperty(behaviours, bodyFault, async (random, fault) => {
      const mixed = await decideWith(random, fault);
      const enforced = await decideWith(random, fault, 'enforce');
      expect(rulingOf(mixed.decision.wouldBe)).toEqual(rulingOf(enforced.decision));
    }),
    { numRuns: 500 },
  );
});

test('one decision: exactly one per exchange, settled exactly once by each guard that was asked', async () => {
  await fc.assert(
    fc.asyncProperty(behaviours, bodyFault, async (random, fault) => {
      const { decision, settled, recorded } = await decideWith(random, fault);
      expect(recorded).toEqual([decision]);
      expect(Object.isFrozen(decision)).toBe(true);
      const ran = new Map(decision.verdicts.map((run) => [run.guard, run]));
      random.forEach((b, at) => {
        const run = ran.get(`guard-${at}`);
        const asked = run !== undefined && !(b.reads === 'body' && fault !== undefined);
        expect(settled[at]?.length ?? 0).toBe(asked && b.settles !== 'no' ? 1 : 0);
      });
      if (decision.outcome !== 'allow') expect(decision.response?.status).toBe(decision.status);
      const last = decision.verdicts.at(-1);
      const refused = decision.verdicts.filter(
        ({ stage, verdict: v, onError }) =>
          stage === 'enforce' &&
          (['deny', 'throttle', 'answer'].includes(v.kind) || (v.kind === 'error' && onError === 'closed')),
      );
      expect(refused.length).toBeLessThanOrEqual(1);
      if (refused.length === 1) expect(refused[0]).toBe(last);
    }),
    { numRuns: 1_000 },
  );
});
