import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Breaker, createBreaker, PROBE_MS } from '../../../gateway/stores/breaker.ts';
import { type RecordedHealth, recordedHealth } from '../../helpers/redis.ts';

const gone = Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
const wrong = Object.assign(new Error('not right'), { code: '23505' });

let probe: () => Promise<unknown>;
let health: RecordedHealth;
let breaker: Breaker;

beforeEach(() => {
  vi.useFakeTimers();
  probe = async () => 'well';
  health = recordedHealth();
  health.isUp();
  breaker = createBreaker({
    health,
    probe: () => probe(),
    timeoutMs: 100,
    isOutage: (error) => (error as { code?: string }).code !== '23505',
  });
});
afterEach(() => {
  breaker.close();
  vi.useRealTimers();
});

test('hands on what a call gives, and what it throws', async () => {
  expect(await breaker.run(async () => 1)).toBe(1);
  await expect(breaker.run(() => Promise.reject(wrong))).rejects.toBe(wrong);
  expect(health.said).toEqual(['up']);
  expect(health.failures).toBe(1);
  expect(await breaker.run(async () => 2)).toBe(2);
});

test('after an outage no call is made until a probe is answered', async () => {
  await expect(breaker.run(() => Promise.reject(gone))).rejects.toBe(gone);
  const call = vi.fn(async () => 1);
  await expect(breaker.run(call)).rejects.toThrow('does not answer');
  expect(call).not.toHaveBeenCalled();
  probe = () => Promise.reject(gone);
  await vi.advanceTimersByTimeAsync(3 * PROBE_MS);
  await expect(breaker.run(call)).rejects.toThrow('does not answer');
  probe = async () => 'well';
  await vi.advanceTimersByTimeAsync(PROBE_MS);
  expect(await breaker.run(call)).toBe(1);
  expect(health.said).toEqual(['up', 'down', 'up']);
});

test('a call that hangs ends in time, and what comes of it later is nobody’s', async () => {
  let late: (error: Error) => void = () => undefined;
  const hung = breaker.run(() => new Promise((_, reject) => (late = reject)));
  const ended = expect(hung).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  await vi.advanceTimersByTimeAsync(100);
  await ended;
  late(gone);
  await vi.advanceTimersByTimeAsync(0);
  expect(health.said).toEqual(['up', 'down']);
});

test('a probe that hangs counts as none, and is not asked twice at the same time', async () => {
  const asked = vi.fn(() => new Promise(() => undefined));
  probe = asked;
  await vi.advanceTimersByTimeAsync(PROBE_MS);
  expect(asked).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(100);
  expect(health.said).toEqual(['up', 'down']);
  await vi.advanceTimersByTimeAsync(PROBE_MS);
  expect(asked).toHaveBeenCalledTimes(2);
});

test('closed, it asks nobody any more', async () => {
  const asked = vi.fn(async () => 'well');
  probe = asked;
  breaker.close();
  await vi.advanceTimersByTimeAsync(10 * PROBE_MS);
  expect(asked).not.toHaveBeenCalled();
});
