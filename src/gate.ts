import { type Clock, SYSTEM_CLOCK } from './clock.ts';
import { type Contained, contain, isThenable } from './contain.ts';
import type { Decision, GuardRun } from './decide.ts';
import { afterSettleFailure, decide, endsWalk, isSkipped, patchesInForce } from './decide.ts';
import { ConfigError, type DecisionCode } from './errors.ts';
import type { BodyResult, Exchange } from './exchange.ts';
import { redactedBytes } from './exchange.ts';
import { defineGuard, type Guard, type GuardContext, type KnownResponse, type Verdict } from './guard.ts';
import { functionOption, knownOptions, wordOption } from './options.ts';
import { escalationResponse, problemResponse } from './problem.ts';
import { createOutbox, type Sink } from './sinks.ts';
import { checkStages, type EffectiveStage, effectiveStage, type Stage, type Stages, stageOf } from './stage.ts';
import { NO_MEMBERS, soundResponse, soundVerdict } from './verdict.ts';

/** Something that went wrong inside the gate. The error may hold anything: look at it, do not log it as it is. */
export interface Fault {
  readonly where: 'id' | 'tenant' | 'stages' | 'inspect' | 'settle' | 'answer' | 'sink';
  readonly guard?: string;
  readonly error: unknown;
}

export interface GateOptions {
  /** In the order in which they look at an exchange. */
  readonly guards: readonly Guard[];
  /** Stages by guard name; a guard that is not named has its own default. */
  readonly stages?: Stages;
  /** Stages of one tenant, over `stages`. Asked for every exchange, so a change is effective on the next one. */
  readonly tenantStages?: (tenant: string) => Stages | undefined;
  /** Whom an exchange belongs to: the id of a known tenant, else `undefined`. Default: nobody. */
  readonly tenant?: (exchange: Exchange) => string | undefined;
  /** What a canary hashes. Default: the client's address, else the tenant. */
  readonly canaryKey?: (exchange: Exchange, tenant: string | undefined) => string;
  /** Makes the answer for `escalate`, and for `allow` where it does not depend on the application. Pure. */
  readonly answer?: (decision: Decision) => KnownResponse | undefined;
  /** Receive every decision, after the answer is on its way. */
  readonly sinks?: readonly Sink[];
  readonly clock?: Clock;
  /** Makes decision ids. Default, and where it fails: random UUIDs. */
  readonly newId?: () => string;
  /** Told of every contained failure. */
  readonly onFault?: (fault: Fault) => void;
}

export interface Gate {
  /** Names of the guards, in order. */
  readonly guards: readonly string[];
  /** Decides on one exchange. Rejects only if `clock` throws. */
  inspect(exchange: Exchange): Promise<Decision>;
  /** The same, without a promise where nothing had to be waited for. Throws, or rejects, only if `clock` throws. */
  inspectNow(exchange: Exchange): Decision | Promise<Decision>;
  /** Resolves when every sink has seen every decision made so far. */
  flush(): Promise<void>;
}

const OPTIONS = [
  'guards',
  'stages',
  'tenantStages',
  'tenant',
  'canaryKey',
  'answer',
  'sinks',
  'clock',
  'newId',
  'onFault',
] as const;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type SoundGuard = ReturnType<typeof defineGuard>;

/**
 * Makes an immutable gate. Guards run in order; the first refusal in force ends the walk; flags, escalations,
 * facts and redactions accumulate. A guard that throws, rejects, returns nonsense or exceeds its deadline counts
 * as failed, and its `onError` says what that means.
 *
 * @throws {ConfigError} for options that cannot work, naming the option.
 *
 * @example
 * const gate = createGate({
 *   guards: [rateLimit({ key: (exchange) => exchange.address, rate: 10 }), pii({ mode: 'redact' })],
 *   stages: { pii: 'enforce' },
 * });
 * const decision = await gate.inspect(exchange);
 */
export function createGate(options: GateOptions): Gate {
  knownOptions('gate', options, OPTIONS);
  if (!Array.isArray(options.guards)) {
    throw new ConfigError('PTC_E002', 'gate.guards', options.guards, 'give an array of guards');
  }
  const guards: readonly SoundGuard[] = options.guards.map((guard) => defineGuard(guard));
  const names = guards.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) {
    throw new ConfigError('PTC_E005', 'gate.guards', names, `give one of the guards named ${twice} another name`);
  }
  for (const { name, stagedWith } of guards) {
    if (stagedWith !== undefined) wordOption(`${name}.stagedWith`, stagedWith, stagedWith, names);
  }
  const stages = options.stages ?? {};
  checkStages('gate.stages', stages, names);
  for (const option of ['tenantStages', 'tenant', 'canaryKey', 'answer', 'newId', 'onFault'] as const) {
    if (options[option] !== undefined) functionOption(`gate.${option}`, options[option], 'give a function');
  }

  const clock = options.clock ?? SYSTEM_CLOCK;
  for (const method of ['now', 'elapsed', 'after'] as const) {
    functionOption(`gate.clock.${method}`, clock[method], 'give a clock with now, elapsed and after');
  }
  const sinks: unknown = options.sinks ?? [];
  if (!Array.isArray(sinks)) throw new ConfigError('PTC_E002', 'gate.sinks', sinks, 'give an array of sinks');
  sinks.forEach((sink: Partial<Sink> | null | undefined, at) => {
    functionOption(`gate.sinks[${at}].record`, sink?.record, 'give a sink: an object with record(decision)');
  });
  const newId = options.newId ?? randomId;
  const canaryKey = options.canaryKey ?? ((exchange, tenant) => exchange.address ?? tenant ?? '');
  const report = (fault: Fault): void => {
    // A fault handler that fails has nobody left to tell.
    try {
      const told: unknown = options.onFault?.(fault);
      if (isThenable(told)) Promise.resolve(told).catch(() => {});
    } catch {}
  };
  const learning = guards.filter((guard): guard is SoundGuard & Sink => guard.record !== undefined);
  const outbox = createOutbox([...learning, ...(options.sinks ?? [])], clock, (error) =>
    report({ where: 'sink', error }),
  );

  function tenantOf(exchange: Exchange): string | undefined {
    try {
      const tenant: unknown = atOnce(options.tenant?.(exchange));
      if (tenant === undefined || typeof tenant === 'string') return tenant;
      report({ where: 'tenant', error: new TypeError('not a tenant id') });
    } catch (error) {
      report({ where: 'tenant', error });
    }
    return undefined;
  }

  /** Stages for a tenant; a set that is not valid enforces everything, because a gate fails closed. */
  function stagesFor(tenant: string | undefined): Stages {
    if (tenant === undefined || options.tenantStages === undefined) return stages;
    try {
      const own = atOnce(options.tenantStages(tenant));
      if (own === undefined) return stages;
      checkStages(`gate.tenantStages`, own, names);
      return { ...stages, ...own };
    } catch (error) {
      report({ where: 'stages', error });
      return Object.fromEntries(names.map((name): [string, Stage] => [name, 'enforce']));
    }
  }

  function canaryKeyOf(exchange: Exchange, tenant: string | undefined): string {
    try {
      const key: unknown = atOnce(canaryKey(exchange, tenant));
      if (typeof key === 'string') return key;
      report({ where: 'stages', error: new TypeError('not a canary key') });
    } catch (error) {
      report({ where: 'stages', error });
    }
    return '';
  }

  function idOf(): string {
    try {
      const id: unknown = atOnce(newId());
      if (typeof id === 'string' && id !== '') return id;
      report({ where: 'id', error: new TypeError('not an id') });
    } catch (error) {
      report({ where: 'id', error });
    }
    return randomId();
  }

  /** Goes synchronously as far as it can: a promise, a timer and a turn of the queue cost more than most guards. */
  function inspectNow(exchange: Exchange): Decision | Promise<Decision> {
    const at = clock.now();
    const id = idOf();
    const tenant = tenantOf(exchange);
    const tenantStages = stagesFor(tenant);
    const keyOf = (): string => canaryKeyOf(exchange, tenant);
    const runs: GuardRun[] = [];
    const toSettle: { guard: SoundGuard; run: GuardRun }[] = [];
    const facts: Record<string, unknown> = Object.create(NO_MEMBERS);
    let bodyReady = false;
    // Read once a guard: the clock costs more than many a guard does.
    const began = clock.elapsed();
    let mark = began;
    const context: GuardContext = {
      tenant,
      now: at,
      decisionId: id,
      facts,
      currentBody: () => redactedBytes(exchange, patchesInForce(runs)),
    };
    let rulings: ReturnType<typeof decide>;
    let decision: Decision;
    return walk(0);

    function walk(from: number): Decision | Promise<Decision> {
      for (let turn = from; turn < guards.length; turn++) {
        const guard = guards[turn]!;
        const { name, stagedWith = name } = guard;
        const set = stageOf(tenantStages, name) ?? stageOf(tenantStages, stagedWith) ?? guard.defaultStage;
        const stage = effectiveStage(set, stagedWith, keyOf);
        if (isSkipped(stage)) continue;
        const asked = guard.reads === 'body' && !bodyReady ? askWithBody(guard, stage) : ask(guard, stage);
        if (isThenable(asked)) return asked.then((ends) => (ends ? conclude() : walk(turn + 1)));
        if (asked) break;
      }
      return conclude();
    }

    /** How fast a client sends its body says nothing about the guard: its time begins with the body. */
    function askWithBody(guard: SoundGuard, stage: EffectiveStage): boolean | Promise<boolean> {
      const next = (fault: DecisionCode | undefined): boolean | Promise<boolean> => {
        mark = clock.elapsed();
        bodyReady = fault === undefined;
        return bodyReady ? ask(guard, stage) : endsWalk(take(guard, stage, { kind: 'deny', code: fault! }));
      };
      const loaded = loadBody(exchange);
      return isThenable(loaded) ? loaded.then(next) : next(loaded);
    }

    /** Says whether the walk ends here. */
    function ask(guard: SoundGuard, stage: EffectiveStage): boolean | Promise<boolean> {
      const outcome = contain(() => guard.inspect(exchange, context), clock, guard.deadlineMs);
      return isThenable(outcome) ? outcome.then((result) => judge(guard, stage, result)) : judge(guard, stage, outcome);
    }

    function judge(guard: SoundGuard, stage: EffectiveStage, result: Contained<Verdict>): boolean {
      const run = take(guard, stage, verdictOf(guard, exchange, result));
      if (guard.settle !== undefined) toSettle.push({ guard, run });
      return endsWalk(run);
    }

    function take(guard: SoundGuard, stage: EffectiveStage, verdict: Verdict): GuardRun {
      const now = clock.elapsed();
      const { name, onError } = guard;
      const run: GuardRun = Object.freeze({
        guard: name,
        stage,
        onError,
        verdict: Object.freeze(verdict),
        ms: now - mark,
      });
      mark = now;
      runs.push(run);
      if (verdict.facts) Object.assign(facts, verdict.facts);
      return run;
    }

    function conclude(): Decision | Promise<Decision> {
      rulings = decide(runs);
      decision = compose();
      return settle(0);
    }

    function settle(from: number): Decision | Promise<Decision> {
      for (let turn = from; turn < toSettle.length; turn++) {
        const { guard, run } = toSettle[turn]!;
        const outcome = contain(() => guard.settle?.(exchange, decision, context), clock, guard.deadlineMs);
        if (isThenable(outcome)) {
          return outcome.then((result) => {
            amend(guard, run, result);
            return settle(turn + 1);
          });
        }
        amend(guard, run, outcome);
      }
      outbox.add(decision);
      return decision;
    }

    function amend(guard: SoundGuard, run: GuardRun, result: Contained<unknown>): void {
      if (result.ok) return;
      report({ where: 'settle', guard: guard.name, error: result.error });
      rulings = afterSettleFailure(rulings, runs, run);
      decision = compose();
    }

    function compose(): Decision {
      const { ruling, wouldBe } = rulings;
      // Field by field: spreading the ruling into a larger object takes V8 ten times as long as all the rest.
      const composed: Mutable<Decision> = {
        outcome: ruling.outcome,
        status: ruling.status,
        code: ruling.code,
        guard: ruling.guard,
        detail: ruling.detail,
        reasons: ruling.reasons,
        findings: ruling.findings,
        patches: ruling.patches,
        headers: ruling.headers,
        retryAfterMs: ruling.retryAfterMs,
        known: ruling.known,
        id,
        at,
        tenant,
        method: exchange.method,
        path: exchange.path,
        verdicts: Object.freeze(runs),
        facts: Object.freeze(facts),
        ms: mark - began,
        wouldBe,
        response: undefined,
      };
      composed.response = responseFor(composed);
      return Object.freeze(composed);
    }
  }

  function verdictOf(guard: SoundGuard, exchange: Exchange, result: Contained<Verdict>): Verdict {
    if (!result.ok) return failed(guard, result.error, result.timedOut ? 'PTC_D802' : 'PTC_D801');
    try {
      const verdict = soundVerdict(result.value, guard, exchange);
      return verdict ?? failed(guard, new TypeError('not a verdict'), 'PTC_D801');
    } catch (error) {
      return failed(guard, error, 'PTC_D801');
    }
  }

  function failed(guard: SoundGuard, error: unknown, code: DecisionCode): Verdict {
    report({ where: 'inspect', guard: guard.name, error });
    return { kind: 'error', code };
  }

  function responseFor(decision: Decision): KnownResponse | undefined {
    switch (decision.outcome) {
      case 'deny':
      case 'throttle':
        return problemResponse(decision, decision.id);
      case 'answer':
        return decision.known;
      default: {
        const own = ownAnswer(decision);
        return own ?? (decision.outcome === 'escalate' ? escalationResponse(decision, decision.id) : undefined);
      }
    }
  }

  function ownAnswer(decision: Decision): KnownResponse | undefined {
    try {
      const answer: unknown = atOnce(options.answer?.(decision));
      if (answer === undefined) return undefined;
      const sound = soundResponse(answer);
      if (sound !== undefined) return sound;
      report({ where: 'answer', error: new TypeError('not an answer') });
    } catch (error) {
      report({ where: 'answer', error });
    }
    return undefined;
  }

  return Object.freeze({
    guards: Object.freeze(names),
    inspectNow,
    // A clock that throws makes a rejection of it, as callers expect of a promise.
    inspect: async (exchange: Exchange) => inspectNow(exchange),
    flush: outbox.flush,
  });
}

/**
 * What a function has answered that must do so at once. Nobody waits for a promise, so its rejection would end the process.
 *
 * @throws {TypeError} for a promise.
 */
function atOnce<T>(value: T): T {
  if (!isThenable(value)) return value;
  Promise.resolve(value).catch(() => {});
  throw new TypeError('a promise, where an answer is needed at once');
}

const randomId = (): string => crypto.randomUUID();

function loadBody(exchange: Exchange): DecisionCode | undefined | Promise<DecisionCode | undefined> {
  const codeOf = (body: BodyResult): DecisionCode | undefined => (body.ok ? undefined : body.code);
  try {
    const body = exchange.loadBody();
    return isThenable(body) ? Promise.resolve(body).then(codeOf, () => 'PTC_D103') : codeOf(body);
  } catch {
    return 'PTC_D103';
  }
}
