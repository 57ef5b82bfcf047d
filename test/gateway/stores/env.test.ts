import { expect, test } from 'vitest';
import { readConfig } from '../../../gateway/config.ts';

test('nothing set: everything in memory', () => {
  expect(readConfig({}).stores).toMatchObject({ replay: 'memory', rate: 'memory', redis: undefined });
});

test('REDIS_ADDR puts both into Redis; each can be named otherwise', () => {
  const stores = (env: Record<string, string>) => readConfig({ REDIS_ADDR: 'h:1', ...env }).stores;
  expect(stores({})).toMatchObject({ replay: 'redis', rate: 'redis', redisPrefix: 'portcullis:', rateInsurance: 25 });
  expect(stores({ DEDUP_BACKEND: 'memory' })).toMatchObject({ replay: 'memory', rate: 'redis' });
  expect(stores({ RATE_BACKEND: 'memory' })).toMatchObject({ replay: 'redis', rate: 'memory' });
  expect(stores({ REDIS_PREFIX: 'a.b:', RATE_INSURANCE: '0' })).toMatchObject({
    redisPrefix: 'a.b:',
    rateInsurance: 0,
  });
});

test('PostgreSQL remembers requests where it is named', () => {
  const { stores, postgres } = readConfig({ DEDUP_BACKEND: 'postgres', POSTGRES_CONN: 'postgres://app@h/db' });
  expect(stores).toMatchObject({ replay: 'postgres', rate: 'memory' });
  expect(postgres).toMatchObject({ kind: 'postgres' });
});

test.each<[Record<string, string>, RegExp]>([
  [{ DEDUP_BACKEND: 'redis' }, /DEDUP_BACKEND .*set REDIS_ADDR too/],
  [{ DEDUP_BACKEND: 'postgres' }, /DEDUP_BACKEND .*set POSTGRES_CONN too/],
  [{ RATE_BACKEND: 'redis' }, /RATE_BACKEND .*set REDIS_ADDR too/],
  [{ RATE_BACKEND: 'postgres', REDIS_ADDR: 'h' }, /RATE_BACKEND .*memory, redis/],
  [{ REDIS_ADDR: 'canary', DEDUP_BACKEND: 'memory', RATE_BACKEND: 'memory' }, /REDIS_ADDR .*neither/],
  [{ REDIS_PREFIX: 'canary:' }, /REDIS_PREFIX .*nothing is kept in Redis/],
  [{ REDIS_ADDR: 'h', REDIS_PREFIX: 'canary {' }, /REDIS_PREFIX .*64 letters/],
  [{ RATE_INSURANCE: '10' }, /RATE_INSURANCE .*counted in memory/],
  [{ REDIS_ADDR: 'h', RATE_BACKEND: 'memory', RATE_INSURANCE: '10' }, /RATE_INSURANCE .*counted in memory/],
  [{ REDIS_ADDR: 'h', RATE_INSURANCE: '101' }, /RATE_INSURANCE .*from 0 to 100/],
])('%o stops start-up', (env, message) => {
  expect(() => readConfig(env)).toThrow(message);
  expect(() => readConfig(env)).not.toThrow(/canary/);
});
