import { describe, expect, it } from 'vitest';
import { retryDelay } from '../../client/retry.ts';

const NOW = Date.UTC(2025, 0, 1);
const delay = (attempt: number, retryAfter: string | null = null, random = 1): number | undefined =>
  retryDelay(attempt, retryAfter, { backoffMs: 100, maxWaitMs: 10_000, random: () => random, now: () => NOW });

describe('retryDelay', () => {
  it('doubles its ceiling up to the longest wait', () => {
    expect([1, 2, 3, 4, 7, 8, 30].map((attempt) => delay(attempt))).toEqual([100, 200, 400, 800, 6400, 10_000, 10_000]);
  });

  it('takes a random part of the ceiling', () => {
    expect(delay(3, null, 0)).toBe(0);
    expect(delay(3, null, 0.5)).toBe(200);
  });

  it.each([
    ['3', 3000],
    ['0', 0],
    [' 10 ', 10_000],
    ['Wed, 01 Jan 2025 00:00:05 GMT', 5000],
    ['Tue, 31 Dec 2024 00:00:00 GMT', 0],
    ['soon', 0],
    ['', 0],
    ['-5', 0],
  ])('Retry-After %j asks for %d ms', (value, ms) => {
    expect(delay(1, value, 0)).toBe(ms);
  });

  it('never waits less than asked, nor more than the longest wait', () => {
    expect(delay(2, '3')).toBe(3200);
    expect(delay(8, '9')).toBe(10_000);
  });

  it('gives up where the server asks for more than the longest wait', () => {
    expect(delay(1, '11')).toBeUndefined();
    expect(delay(1, 'Wed, 01 Jan 2025 00:00:11 GMT')).toBeUndefined();
    expect(delay(1, '9'.repeat(400))).toBeUndefined();
  });
});
