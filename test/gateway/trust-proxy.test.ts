import { describe, expect, test } from 'vitest';
import { readConfig } from '../../gateway/config.ts';
import { EXPRESS_VERSIONS } from '../helpers/expresses.ts';
import { startTestGateway, type TestGateway } from '../helpers/gateway.ts';

/** Failed authentications until the source limiter has had enough of them. */
async function exhaust({ submit }: TestGateway, headers: Record<string, string>): Promise<void> {
  for (let sent = 0; sent < 100; sent++) {
    if ((await submit('{}', { 'x-tenant-id': 'nobody', ...headers })).status === 429) return;
  }
  throw new Error('never limited');
}

const statusOf = async ({ submit }: TestGateway, headers: Record<string, string>): Promise<number> =>
  (await submit('{}', { 'x-tenant-id': 'nobody', ...headers })).status;

test.each(EXPRESS_VERSIONS)(
  'express %i: without TRUST_PROXY the header is anybody’s word and counts for nothing',
  async (version) => {
    const gateway = await startTestGateway({}, version);
    await exhaust(gateway, {});
    expect(await statusOf(gateway, { 'x-forwarded-for': '192.0.2.1' })).toBe(429);
  },
);

test.each(
  EXPRESS_VERSIONS.flatMap((version) => ['1', 'loopback', '127.0.0.0/8'].map((trust) => [version, trust] as const)),
)('express %i, TRUST_PROXY=%s: clients behind one proxy have limits of their own', async (version, trust) => {
  const gateway = await startTestGateway({ TRUST_PROXY: trust }, version);
  await exhaust(gateway, { 'x-forwarded-for': '192.0.2.1' });
  expect(await statusOf(gateway, { 'x-forwarded-for': '192.0.2.1' })).toBe(429);
  expect(await statusOf(gateway, { 'x-forwarded-for': '192.0.2.2' })).toBe(401);
  // The proxy appends what it saw; what the client wrote before that is not believed.
  expect(await statusOf(gateway, { 'x-forwarded-for': '203.0.113.9, 192.0.2.1' })).toBe(429);
});

test.each(EXPRESS_VERSIONS)(
  'express %i: a header from an address that is not the proxy’s is not believed',
  async (version) => {
    const gateway = await startTestGateway({ TRUST_PROXY: '198.51.100.0/24' }, version);
    await exhaust(gateway, { 'x-forwarded-for': '192.0.2.1' });
    expect(await statusOf(gateway, { 'x-forwarded-for': '192.0.2.2' })).toBe(429);
  },
);

describe('TRUST_PROXY', () => {
  test.each<[string, number | readonly string[] | undefined]>([
    ['', undefined],
    ['1', 1],
    ['10', 10],
    ['loopback', ['loopback']],
    ['::ffff:10.0.0.0/104,fd00::/16', ['::ffff:10.0.0.0/104', 'fd00::/16']],
    ['10.0.0.0/8, 2001:db8::/32,192.0.2.7', ['10.0.0.0/8', '2001:db8::/32', '192.0.2.7']],
  ])('%s', (text, expected) => {
    expect(readConfig({ TRUST_PROXY: text }).trustProxy).toEqual(expected);
  });

  test.each([
    '0',
    '11',
    '1.5',
    '-1',
    'true',
    'uniquelocal',
    '10.0.0.0/0',
    '::/0',
    '0.0.0.0/1,128.0.0.0/1',
    '10.0.0.0/7',
    '::/1,8000::/1',
    '2000::/15',
    '::ffff:0:0/96',
    '::ffff:1.2.3.4/103',
    '::/16',
    '::/80',
    '10.0.0.0/33',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '2001:db8::/129',
    '10.0.0.1,',
    '10.0.0.1,2',
    'fe80::1%eth0',
    'proxy.example',
  ])('%s is refused', (text) => {
    expect(() => readConfig({ TRUST_PROXY: text })).toThrow(/^PTC_E011 .*TRUST_PROXY is a string of/);
  });
});
