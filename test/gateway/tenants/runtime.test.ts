import { expect, test } from 'vitest';
import { createFakeClock } from '../../../src/testing/fake-clock.ts';
import { createPcsRecords, type PcsRecords } from '../../../src/testing/pcs-records.ts';
import { type AdminGateway, startAdminGateway } from '../../helpers/admin.ts';
import { metric } from '../../helpers/gateway.ts';

const hmac = (id: string, key: string): object => ({ id, alg: 'hmac', key });
const signer = (key: string): PcsRecords =>
  createPcsRecords({ sign: { alg: 'hmac', key }, shardId: key.replaceAll(' ', '-') });

/** Status, or the code of a refusal. */
async function ask({ submit }: AdminGateway, tenant: string, body: string | Promise<string>): Promise<number | string> {
  const { status, json } = await submit(await body, { 'x-tenant-id': tenant });
  return (json.code as string | undefined) ?? status;
}

/** Sends records of a tenant from several agents until told to stop; gives what they got. */
function load(gateway: AdminGateway, tenant: string, next: () => Promise<string>): () => Promise<(number | string)[]> {
  let going = true;
  const seen: (number | string)[] = [];
  const agent = async (): Promise<void> => {
    while (going) seen.push(await ask(gateway, tenant, next()));
  };
  const agents = Promise.all(Array.from({ length: 8 }, agent));
  return async () => {
    going = false;
    await agents;
    return seen;
  };
}

/** Waits until so many more requests were answered. */
async function answered(gateway: AdminGateway, more: number): Promise<void> {
  const count = async (): Promise<number> => metric(await gateway.metrics(), 'flk_ingest_total');
  for (const before = await count(); (await count()) < before + more; );
}

test('a rotation under load with two overlapping keys loses no request', async () => {
  const gateway = await startAdminGateway({ env: { TOKEN_RATE: '100000' } });
  const { call } = gateway;
  await call('POST', '/v1/tenants', { id: 'acme', keys: [hmac('1', 'secret 1')] });
  let records = signer('secret 1');
  const stop = load(gateway, 'acme', () => records.body());
  for (let turn = 2; turn <= 3; turn++) {
    await answered(gateway, 30);
    const added = await call('POST', '/v1/tenants/acme/keys', {
      ...hmac(String(turn), `secret ${turn}`),
      overlapSeconds: 600,
    });
    expect(added.status).toBe(200);
    // Agents take up the new key some time after that.
    await answered(gateway, 30);
    records = signer(`secret ${turn}`);
    await answered(gateway, 30);
    expect((await call('DELETE', `/v1/tenants/acme/keys/${turn - 1}`)).status).toBe(200);
  }
  const seen = await stop();
  expect(seen.length).toBeGreaterThan(150);
  expect(new Set(seen)).toEqual(new Set([200]));
});

test('every change is in force for the next request while others are under way', async () => {
  const gateway = await startAdminGateway({ env: { TOKEN_RATE: '100000' } });
  const { call } = gateway;
  await call('POST', '/v1/tenants', { id: 'busy', keys: [hmac('1', 'busy secret')] });
  await call('POST', '/v1/tenants', { id: 'acme', keys: [hmac('1', 'acme secret')] });
  const busy = signer('busy secret');
  const stop = load(gateway, 'busy', () => busy.body());
  const acme = signer('acme secret');
  const one = (overrides = {}): Promise<number | string> => ask(gateway, 'acme', acme.body(overrides));
  const patch = (settings: object): Promise<unknown> =>
    call('PATCH', '/v1/tenants/acme', settings, { 'if-match': '*' });
  for (let round = 0; round < 2; round++) {
    expect(await one()).toBe(200);
    await call('POST', '/v1/tenants/acme/deactivate');
    expect(await one()).toBe('PTC_D304');
    await call('POST', '/v1/tenants/acme/activate');
    expect(await one({ note: 'jane@example.org' })).toBe(200);
    await patch({ pii: { mode: 'block' } });
    expect(await one({ note: 'jane@example.org' })).toBe('PTC_D201');
    await patch({ stages: { pii: 'off' } });
    expect(await one({ note: 'jane@example.org' })).toBe(200);
    await patch({ pii: null, stages: null, policy: { tolBudget: 1 } });
    expect(await one({ budget: 0.9 })).toBe(200);
    await patch({ policy: null });
    expect(await one({ budget: 0.9 })).toBe(202);
    await patch({ burst: 1, rate: 0.001 });
    expect([await one(), await one()]).toContain('PTC_D601');
    await patch({ burst: null, rate: null });
    await call('POST', '/v1/tenants/acme/keys', hmac('2', `other ${round}`));
    await call('DELETE', '/v1/tenants/acme/keys/1');
    expect(await one()).toBe('PTC_D303');
    await call('POST', '/v1/tenants/acme/keys', hmac('1', 'acme secret'));
    await call('DELETE', '/v1/tenants/acme/keys/2');
    // The bucket was cut to one token, and fills with the usual rate.
    await expect.poll(() => one(), { timeout: 5_000 }).toBe(200);
  }
  const seen = await stop();
  expect(new Set(seen)).toEqual(new Set([200]));
});

test('a daily quota starts anew at 00:00 UTC, whenever it was set', async () => {
  const clock = createFakeClock(Date.UTC(2030, 0, 1, 23, 59, 58));
  const gateway = await startAdminGateway({ clock });
  await gateway.call('POST', '/v1/tenants', { id: 'acme', keys: [hmac('1', 'acme secret')], dailyQuota: 2 });
  const acme = signer('acme secret');
  const one = (): Promise<number | string> => ask(gateway, 'acme', acme.body());
  expect([await one(), await one(), await one()]).toEqual([200, 200, 'PTC_D602']);
  const refused = await gateway.submit(await acme.body(), { 'x-tenant-id': 'acme' });
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '2']);
  clock.advance(1_999);
  expect(await one()).toBe('PTC_D602');
  clock.advance(1);
  expect([await one(), await one(), await one()]).toEqual([200, 200, 'PTC_D602']);
  await gateway.call('PATCH', '/v1/tenants/acme', { dailyQuota: 3 }, { 'if-match': '*' });
  expect([await one(), await one()]).toEqual([200, 'PTC_D602']);
  clock.advance(86_400_000);
  expect(await one()).toBe(200);
});

test('tokens and quota are spent after authentication only', async () => {
  // At noon: which of the two waits is longer depends on the time of day.
  const clock = createFakeClock(Date.UTC(2030, 0, 1, 12));
  const gateway = await startAdminGateway({ clock, env: { TRUST_PROXY: '1' } });
  const limits = { rate: 0.001, burst: 2, dailyQuota: 2 };
  await gateway.call('POST', '/v1/tenants', { id: 'acme', keys: [hmac('1', 'acme secret')], ...limits });
  const forged = signer('another secret');
  for (let at = 0; at < 40; at++) {
    const answer = await gateway.submit(await forged.body(), {
      'x-tenant-id': 'acme',
      'x-forwarded-for': `192.0.2.${at}`,
    });
    expect(answer.json.code).toBe('PTC_D303');
  }
  const acme = signer('acme secret');
  const one = (): Promise<number | string> => ask(gateway, 'acme', acme.body());
  expect([await one(), await one(), await one()]).toEqual([200, 200, 'PTC_D602']);
});

test('failed authentications are limited by address, for tenants that come at run time too', async () => {
  const gateway = await startAdminGateway({ clock: createFakeClock(Date.UTC(2030, 0, 1)), env: { TRUST_PROXY: '1' } });
  await gateway.call('POST', '/v1/tenants', { id: 'acme', keys: [hmac('1', 'acme secret')] });
  const from = async (address: string, tenant: string, key: string): Promise<unknown> => {
    const headers = { 'x-tenant-id': tenant, 'x-forwarded-for': address };
    const { status, json } = await gateway.submit(await signer(key).body(), headers);
    return json.code ?? status;
  };
  const seen = [];
  for (let at = 0; at < 20; at++) seen.push(await from('192.0.2.1', at % 2 ? 'acme' : `nobody-${at}`, 'wrong'));
  expect(new Set(seen)).toEqual(new Set(['PTC_D303', 'PTC_D304']));
  expect(await from('192.0.2.1', 'acme', 'acme secret')).toBe('PTC_D603');
  expect(await from('192.0.2.2', 'acme', 'acme secret')).toBe(200);
});

test('unknown and deactivated tenants make no series, and leave nothing behind', async () => {
  const gateway = await startAdminGateway({ env: { TRUST_PROXY: '1' } });
  await gateway.call('POST', '/v1/tenants', { id: 'gone', keys: [hmac('1', 'secret')] });
  await gateway.call('POST', '/v1/tenants/gone/deactivate');
  /** All series but those that a slow moment of the machine may begin. */
  const series = async (): Promise<string[]> => {
    const names = (await gateway.metrics()).split('\n').map((line) => line.replace(/ [^ ]*$/, ''));
    return names.filter((name) => !name.startsWith('portcullis_over_budget_total'));
  };
  const flood = async (from: number): Promise<void> => {
    for (let at = from; at < from + 150; at++) {
      const headers = { 'x-tenant-id': at % 3 ? `nobody-${at}` : 'gone', 'x-forwarded-for': `198.51.100.${at % 250}` };
      expect((await gateway.submit('{}', headers)).status).toBeOneOf([401, 429]);
      await gateway.call('GET', `/v1/tenants/nobody-${at}`);
    }
  };
  await flood(0);
  const before = await series();
  await flood(150);
  expect(await series()).toEqual(before);
  const text = await gateway.metrics();
  expect(text).not.toContain('nobody');
  expect(text).not.toContain('tenant_id="gone"');
});

test('there is no key for everybody, and no tenant is judged by the keys of another', async () => {
  const gateway = await startAdminGateway({ env: { TENANTS: 'fixed:hmac:fixed secret', DEFAULT_TENANT: 'fixed' } });
  await gateway.call('POST', '/v1/tenants', { id: 'a', keys: [hmac('1', 'secret a')] });
  await gateway.call('POST', '/v1/tenants', { id: 'b', keys: [hmac('1', 'secret b')] });
  for (const [tenant, key] of [
    ['a', 'secret b'],
    ['b', 'secret a'],
    ['a', 'fixed secret'],
    ['fixed', 'secret a'],
    ['nobody', 'fixed secret'],
  ] as const) {
    expect(await ask(gateway, tenant, signer(key).body()), `${tenant} ${key}`).toBeOneOf(['PTC_D303', 'PTC_D304']);
  }
  expect(await ask(gateway, 'a', signer('secret a').body())).toBe(200);
  await gateway.call('POST', '/v1/tenants/a/deactivate');
  const taken = await gateway.call('POST', '/v1/tenants', { id: 'c', keys: [hmac('x', 'secret a')] });
  expect(taken.json.mistakes).toEqual([
    expect.stringMatching(/^PTC_E009 .*tenant c (?!.*tenant a\b).*another tenant has this key/),
  ]);
});
