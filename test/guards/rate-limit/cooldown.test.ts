import { describe, expect, test } from 'vitest';
import type { Decision } from '../../../src/decide.ts';
import { ConfigError } from '../../../src/errors.ts';
import { createGate } from '../../../src/gate.ts';
import { defineGuard, type Guard, PASS } from '../../../src/guard.ts';
import { type CoolingRateLimitOptions, coolingRateLimit } from '../../../src/guards/rate-limit/cooldown.ts';
import type { Stages } from '../../../src/stage.ts';
import { buildExchange } from '../../../src/testing/build-exchange.ts';
import { createFakeClock, type FakeClock } from '../../../src/testing/fake-clock.ts';

const NOON = Date.UTC(2030, 0, 1, 12);
const OWNER = { 'x-tenant-id': 'a', authorization: 'good' };
const STRANGER = { 'x-tenant-id': 'a', authorization: 'forged' };

interface Setup {
  readonly clock: FakeClock;
  /** How many requests were authenticated, or failed to be. */
  readonly asked: () => number;
  send(headers?: Readonly<Record<string, string>>, address?: string): Promise<Decision>;
}

/** A gate that refuses early, authenticates (in `ms`, if given), and limits. */
function setUp(options: Partial<CoolingRateLimitOptions> = {}, stages: Stages = {}, ms = 0): Setup {
  const clock = createFakeClock(NOON);
  let asked = 0;
  const authentication: Guard = defineGuard({
    name: 'authentication',
    reads: 'body',
    defaultStage: 'enforce',
    async inspect(exchange) {
      asked++;
      if (ms > 0) await new Promise<void>((resolve) => clock.after(ms, resolve));
      return exchange.header('authorization') === 'good' ? PASS : { kind: 'deny', code: 'PTC_D303' };
    },
  });
  const { cooldown, limit } = coolingRateLimit({
    key: (_exchange, { tenant }) => tenant,
    rate: 10,
    burst: 2,
    ...options,
  });
  const gate = createGate({
    guards: [cooldown, authentication, limit],
    stages,
    clock,
    tenant: (exchange) => exchange.header('x-tenant-id'),
  });
  return {
    clock,
    asked: () => asked,
    send: (headers = OWNER, address = '192.0.2.1') => gate.inspect(buildExchange({ headers, address })),
  };
}

const codeOf = ({ code }: Decision): string => code ?? 'allow';
const guardOf = ({ guard }: Decision): string => guard ?? 'none';

async function repeat(times: number, send: () => Promise<Decision>): Promise<Decision[]> {
  const decisions: Decision[] = [];
  for (let at = 0; at < times; at++) decisions.push(await send());
  return decisions;
}

describe('after a refusal of the limit', () => {
  test('the front gives the same answer, and nobody is authenticated, until there is a token', async () => {
    const { clock, asked, send } = setUp();
    const decisions = await repeat(5, send);
    expect(decisions.map(guardOf)).toEqual([
      'none',
      'none',
      'rate-limit',
      'rate-limit-cooldown',
      'rate-limit-cooldown',
    ]);
    expect(asked()).toBe(3);
    const [late, early] = decisions.slice(2);
    for (const part of ['outcome', 'status', 'code', 'retryAfterMs', 'headers'] as const) {
      expect(early?.[part]).toEqual(late?.[part]);
    }
    expect(early?.response?.headers).toEqual(late?.response?.headers);
    expect(early?.retryAfterMs).toBe(100);
    clock.advance(99);
    expect((await send()).retryAfterMs).toBe(1);
    clock.advance(1);
    expect(codeOf(await send())).toBe('allow');
  });

  test('a daily quota is waited for too, and the store is asked again every second', async () => {
    const { clock, asked, send } = setUp({ burst: 10, dailyQuota: 1 });
    const [, late, early] = await repeat(3, send);
    expect([late, early].map((one) => [codeOf(one!), one?.retryAfterMs, one?.headers.ratelimit])).toEqual([
      ['PTC_D602', 43_200_000, '"daily";r=0;t=43200'],
      ['PTC_D602', 43_200_000, '"daily";r=0;t=43200'],
    ]);
    expect(asked()).toBe(2);
    clock.advance(1_000);
    expect((await repeat(3, send)).map(guardOf)).toEqual(['rate-limit', 'rate-limit-cooldown', 'rate-limit-cooldown']);
  });

  test('limits that change are in force for the next request', async () => {
    let limits = { rate: 1, burst: 1 };
    const { clock, send } = setUp({ limits: () => limits });
    expect((await repeat(3, send)).map(guardOf)).toEqual(['none', 'rate-limit', 'rate-limit-cooldown']);
    limits = { rate: 1_000, burst: 1_000 };
    expect(guardOf(await send())).toBe('rate-limit');
    clock.advance(1);
    expect(codeOf(await send())).toBe('allow');
  });
});

describe('who has no key', () => {
  test('cannot begin it, however much they send', async () => {
    const { send } = setUp();
    expect((await repeat(50, () => send(STRANGER))).map(codeOf)).toEqual(Array(50).fill('PTC_D303'));
    expect(codeOf(await send())).toBe('allow');
  });

  test('is told to wait while it lasts, and cannot make it last', async () => {
    const { clock, send } = setUp();
    await repeat(3, send);
    expect((await repeat(20, () => send(STRANGER))).map(codeOf)).toEqual(Array(20).fill('PTC_D601'));
    clock.advance(100);
    expect((await repeat(20, () => send(STRANGER))).map(codeOf)).toEqual(Array(20).fill('PTC_D303'));
    expect(codeOf(await send())).toBe('allow');
  });

  test('lets the owner wait a second at most, with requests that never get to an end', async () => {
    const { clock, send } = setUp({ rate: 0.5, burst: 2 }, {}, 1_500);
    const pass = async (ms: number): Promise<void> => {
      clock.advance(ms);
      for (let turn = 0; turn < 30; turn++) await null;
    };
    const first = [send(), send(), send()];
    await pass(1_500);
    expect((await Promise.all(first)).map(codeOf)).toEqual(['allow', 'allow', 'PTC_D601']);
    await pass(500);
    const stranger = send(STRANGER);
    const owner = send();
    const ownersAnswer = owner.then(codeOf);
    for (const ms of [1_000, 500, 1_000]) await pass(ms);
    expect([codeOf(await stranger), await ownersAnswer]).toEqual(['PTC_D303', 'allow']);
    const { verdicts } = await owner;
    expect(verdicts[0]).toMatchObject({ guard: 'rate-limit-cooldown', verdict: { kind: 'error', code: 'PTC_D802' } });
  });
});

/** Sends 1,000 a second for ten seconds, one after the other; how many passed. */
async function admitted(stages: Stages): Promise<{ allowed: number; asked: number }> {
  const { clock, asked, send } = setUp({ rate: 30, burst: 60 }, stages);
  let allowed = 0;
  for (let ms = 0; ms < 10_000; ms++) {
    if ((await send()).outcome === 'allow') allowed++;
    clock.advance(1);
  }
  return { allowed, asked: asked() };
}

test('as many pass as without it: the burst and the rate', async () => {
  // 60, and 30 a second for 9.999 s.
  const expected = 60 + 299;
  expect(await admitted({ 'rate-limit-cooldown': 'off' })).toEqual({ allowed: expected, asked: 10_000 });
  expect(await admitted({})).toEqual({ allowed: expected, asked: expected + 1 });
});

test('as many pass where authentication takes its time, and few more are authenticated', async () => {
  const { clock, asked, send } = setUp({ rate: 100, burst: 20 }, {}, 7);
  const sent: Promise<Decision>[] = [];
  for (let ms = 0; ms < 2_000; ms++) {
    sent.push(send());
    for (let turn = 0; turn < 12; turn++) await null;
    clock.advance(1);
  }
  for (let ms = 0; ms < 50; ms++) {
    for (let turn = 0; turn < 12; turn++) await null;
    clock.advance(1);
  }
  const allowed = (await Promise.all(sent)).filter(({ outcome }) => outcome === 'allow').length;
  // 20, and 100 a second for 1.999 s; and those who came before the first refusal was known, 7 ms after it came.
  expect(allowed).toBe(20 + 199);
  expect(asked()).toBeLessThanOrEqual(20 + 199 + 8);
});

describe('its stage is that of the limit', () => {
  test('report-only lets everything through, and says what it would do', async () => {
    const { send } = setUp({}, { 'rate-limit': 'report-only' });
    const decisions = await repeat(4, send);
    expect(decisions.map(codeOf)).toEqual(Array(4).fill('allow'));
    expect(decisions.map(({ wouldBe }) => wouldBe.guard)).toEqual([
      undefined,
      undefined,
      'rate-limit',
      'rate-limit-cooldown',
    ]);
  });

  test('a canary refuses early only whom it would refuse late', async () => {
    const { send } = setUp({ rate: 0.001, burst: 1 }, { 'rate-limit': { canary: 50 } });
    const addresses = Array.from({ length: 40 }, (_, at) => `192.0.2.${at}`);
    const rounds: string[][] = [];
    for (let round = 0; round < 2; round++) {
      const codes: string[] = [];
      for (const address of addresses) codes.push(codeOf(await send(OWNER, address)));
      rounds.push(codes);
    }
    expect(new Set(rounds[1])).toEqual(new Set(['allow', 'PTC_D601']));
    expect(rounds[0]?.slice(1)).toEqual(rounds[1]?.slice(1));
  });
});

test('what fails at the front is looked at behind it', async () => {
  let calls = 0;
  const { send } = setUp({
    key() {
      calls++;
      if (calls % 2 === 1) throw new Error('not yet known');
      return 'a';
    },
  });
  expect((await repeat(3, send)).map(guardOf)).toEqual(['none', 'none', 'rate-limit']);
});

test('has the name, the code and the headers of the limit', async () => {
  const { send } = setUp({ name: 'per-tenant', code: 'PTC_D603', headers: false });
  const early = (await repeat(4, send))[3];
  expect(early).toMatchObject({ guard: 'per-tenant-cooldown', code: 'PTC_D603', headers: {} });
});

test.each(['cost', 'spend'])('%s is refused: it may depend on what the front cannot know', (option) => {
  const options = { key: () => 'a', rate: 1, [option]: option === 'cost' ? 1 : 'always' };
  expect(() => coolingRateLimit(options)).toThrow(ConfigError);
  expect(() => coolingRateLimit(options)).toThrow(`rate-limit.${option}`);
});
