import { expect, test } from 'vitest';
import { isThenable } from '../src/contain.ts';
import { createGate } from '../src/gate.ts';
import { defineGuard, PASS, type Verdict } from '../src/guard.ts';
import { rateLimit } from '../src/guards/rate-limit/guard.ts';
import { memoryRateStore } from '../src/guards/rate-limit/memory-store.ts';
import { buildExchange } from '../src/testing/build-exchange.ts';

/** What a call of a Durable Object's method returns: callable, with any property there is, and a thenable. */
function callable<T>(promise: Promise<T>): Promise<T> {
  return new Proxy(() => {}, {
    get: (_target, name) => (name === 'then' ? promise.then.bind(promise) : callable(promise)),
  }) as never;
}

test('what `await` waits for is a thenable, functions included', () => {
  expect(isThenable(Promise.resolve(1))).toBe(true);
  expect(isThenable(callable(Promise.resolve(1)))).toBe(true);
  for (const value of [undefined, null, 1, 'then', {}, () => {}]) expect(isThenable(value)).toBe(false);
});

test('a store whose promises are functions limits as any other', async () => {
  const memory = memoryRateStore();
  const store = {
    take: (...args: Parameters<typeof memory.take>) => callable(Promise.resolve(memory.take(...args))),
    peek: (...args: Parameters<typeof memory.peek>) => callable(Promise.resolve(memory.peek(...args))),
    charge: (...args: Parameters<typeof memory.charge>) => callable(Promise.resolve(memory.charge(...args))),
  };
  const gate = createGate({ guards: [rateLimit({ key: () => 'k', rate: 0.001, burst: 1, store })] });
  const outcomes = [await gate.inspect(buildExchange()), await gate.inspect(buildExchange())];
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['allow', 'throttle']);
});

test('so are a verdict and a settlement that come so', async () => {
  const refusing = defineGuard({
    name: 'refusing',
    defaultStage: 'enforce',
    inspect: () => callable(Promise.resolve<Verdict>({ kind: 'deny', code: 'PTC_D411' })),
  });
  expect(await createGate({ guards: [refusing] }).inspect(buildExchange())).toMatchObject({ code: 'PTC_D411' });
  const failing = defineGuard({
    name: 'failing',
    defaultStage: 'enforce',
    inspect: () => PASS,
    settle: () => callable(Promise.reject(new Error('no'))),
  });
  expect(await createGate({ guards: [failing] }).inspect(buildExchange())).toMatchObject({ code: 'PTC_D803' });
});
