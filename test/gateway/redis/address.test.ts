import { expect, test } from 'vitest';
import { isOpenToTheNetwork, readRedisAddress } from '../../../gateway/redis/address.ts';

test.each([
  ['redis.internal', { host: 'redis.internal', port: 6379, db: 0, tls: false }],
  ['127.0.0.1:6380', { host: '127.0.0.1', port: 6380, db: 0, tls: false }],
  ['[::1]:6380', { host: '::1', port: 6380 }],
  ['redis://h', { host: 'h', port: 6379, username: undefined, password: undefined, db: 0, tls: false }],
  ['redis://:p%40ss@h:1/2', { host: 'h', port: 1, username: undefined, password: 'p@ss', db: 2 }],
  ['rediss://user:word@h.example:6380/', { username: 'user', password: 'word', port: 6380, db: 0, tls: true }],
  ['rediss://[fe80::1]:7000', { host: 'fe80::1', port: 7000, tls: true }],
])('%s', (text, expected) => {
  expect(readRedisAddress({ REDIS_ADDR: text })).toMatchObject(expected);
});

test('not set is none', () => {
  expect(readRedisAddress({})).toBeUndefined();
  expect(readRedisAddress({ REDIS_ADDR: '' })).toBeUndefined();
});

test.each([
  'h:0',
  'h:65536',
  'h:1:2',
  ':6379',
  'user:canary@h:6379',
  'http://h',
  'redis://',
  'redis://h/canary',
  'redis://h/99999',
  'redis://canary@h',
  'redis://u:can%0aary@h',
  'redis://u:%ff@h',
  'redis://h?password=canary',
  'redis://h#canary',
  'h canary',
  '/var/run/canary.sock',
])('%s is refused without a word of it', (text) => {
  expect(() => readRedisAddress({ REDIS_ADDR: text })).toThrow(/^PTC_E011 [^:]*: REDIS_ADDR is a string of \d+ char/);
  expect(() => readRedisAddress({ REDIS_ADDR: text })).not.toThrow(/canary/);
});

test('what leaves the machine without TLS is open to the network', () => {
  const isOpen = (text: string): boolean => isOpenToTheNetwork(readRedisAddress({ REDIS_ADDR: text })!);
  expect(['localhost', '127.0.0.1', '127.9.9.9:1', '[::1]', 'rediss://far.example'].map(isOpen)).not.toContain(true);
  expect(['far.example', '10.0.0.1', 'redis://127.0.0.1.example', '[fe80::1]', '0.0.0.0'].map(isOpen)).not.toContain(
    false,
  );
});
