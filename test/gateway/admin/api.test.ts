import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeBase64 } from '../../../src/base64.ts';
import { edwards25519Tai } from '../../../src/guards/vrf/ecvrf.ts';
import { createFakeClock } from '../../../src/testing/fake-clock.ts';
import { createPcsRecords } from '../../../src/testing/pcs-records.ts';
import { ledgerRecords, startAdminGateway } from '../../helpers/admin.ts';
import { EXPRESS_VERSIONS } from '../../helpers/expresses.ts';
import { metric } from '../../helpers/gateway.ts';

const SECRET = 'canary-secret-of-acme-71f0';
const ACME = { id: 'acme', keys: [{ id: '2030-a', alg: 'hmac', key: SECRET }], rate: 50 };

async function adminRecords(directory: string): Promise<Record<string, unknown>[]> {
  return (await ledgerRecords(directory)).filter(({ kind }) => kind === 'admin');
}

describe.each(EXPRESS_VERSIONS)('the life of a tenant, on Express %i', (version) => {
  test('created, read, changed, rotated, stopped and started again; each is in force at once', async () => {
    const { call, submit } = await startAdminGateway({ version });
    const records = createPcsRecords({ sign: { alg: 'hmac', key: SECRET } });
    const ask = async (overrides = {}): Promise<unknown> => {
      const answer = await submit(await records.body(overrides), { 'x-tenant-id': 'acme' });
      return answer.json.code ?? answer.status;
    };
    expect(await ask()).toBe('PTC_D304');

    const created = await call('POST', '/v1/tenants', ACME);
    expect([created.status, created.headers.location, created.headers.etag]).toEqual([201, '/v1/tenants/acme', '"1"']);
    expect(created.json).toEqual({
      id: 'acme',
      active: true,
      source: 'store',
      revision: 1,
      updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      keys: [{ id: '2030-a', alg: 'hmac' }],
      settings: { rate: 50 },
    });
    expect(await ask()).toBe(200);
    expect((await call('GET', '/v1/tenants/acme')).json).toEqual(created.json);

    const patched = await call('PATCH', '/v1/tenants/acme', { pii: { mode: 'block' } }, { 'if-match': '"1"' });
    expect([patched.status, patched.headers.etag, patched.json.settings]).toEqual([
      200,
      '"2"',
      { rate: 50, pii: { mode: 'block' } },
    ]);
    expect(await ask({ note: 'jane@example.org' })).toBe('PTC_D201');

    const put = await call('PUT', '/v1/tenants/acme', { policy: { tolD: 0.2 } }, { 'if-match': '"2"' });
    expect([put.status, put.json.settings]).toEqual([200, { policy: { tolD: 0.2 } }]);
    expect(await ask({ note: 'jane@example.org' })).toBe(200);

    const key = { id: '2030-b', alg: 'hmac', key: 'the next secret of acme', overlapSeconds: 3_600 };
    const rotated = await call('POST', '/v1/tenants/acme/keys', key);
    expect(rotated.json.keys).toEqual([
      { id: '2030-a', alg: 'hmac', notAfter: expect.any(String) },
      { id: '2030-b', alg: 'hmac' },
    ]);
    expect(await ask()).toBe(200);
    expect((await call('DELETE', '/v1/tenants/acme/keys/2030-a')).json.keys).toEqual([{ id: '2030-b', alg: 'hmac' }]);
    expect(await ask()).toBe('PTC_D303');

    expect((await call('POST', '/v1/tenants/acme/deactivate')).json.active).toBe(false);
    expect(await ask()).toBe('PTC_D304');
    expect((await call('POST', '/v1/tenants/acme/activate')).json).toMatchObject({ active: true, revision: 7 });
    expect(await ask()).toBe('PTC_D303');
  });
});

test('what was changed is there after a restart', async () => {
  const { call, gateway, directory } = await startAdminGateway();
  await call('POST', '/v1/tenants', ACME);
  await call('PATCH', '/v1/tenants/acme', { burst: 7 }, { 'if-match': '*' });
  await gateway.close();
  const again = await startAdminGateway({ directory });
  expect((await again.call('GET', '/v1/tenants/acme')).json).toMatchObject({
    revision: 2,
    settings: { rate: 50, burst: 7 },
  });
});

test('a VRF key that comes at run time is asked for at once', async () => {
  const { call, submit } = await startAdminGateway();
  await call('POST', '/v1/tenants', ACME);
  const records = createPcsRecords({ sign: { alg: 'hmac', key: SECRET } });
  const ask = async (): Promise<unknown> =>
    (await submit(await records.body(), { 'x-tenant-id': 'acme' })).json.code ?? 200;
  const publicKey = encodeBase64(edwards25519Tai.publicKey(new Uint8Array(32).fill(4)));
  const seen = [await ask()];
  expect((await call('PATCH', '/v1/tenants/acme', { vrf: { publicKey } }, { 'if-match': '*' })).status).toBe(200);
  seen.push(await ask());
  await call('PATCH', '/v1/tenants/acme', { vrf: null }, { 'if-match': '*' });
  seen.push(await ask());
  expect(seen).toEqual([200, 'PTC_D306', 200]);
});

describe('who may do what', () => {
  const CALLS: [string, string, unknown, 'read' | 'write' | 'operate'][] = [
    ['GET', '/v1/tenants', undefined, 'read'],
    ['GET', '/v1/tenants/acme', undefined, 'read'],
    ['HEAD', '/v1/tenants/acme', undefined, 'read'],
    ['POST', '/v1/tenants', { ...ACME, id: 'other', keys: 'none' }, 'write'],
    ['PUT', '/v1/tenants/acme', {}, 'write'],
    ['PATCH', '/v1/tenants/acme', {}, 'write'],
    ['POST', '/v1/tenants/acme/keys', { id: 'n', alg: 'hmac', key: 'another' }, 'operate'],
    ['DELETE', '/v1/tenants/acme/keys/n', undefined, 'operate'],
    ['POST', '/v1/tenants/acme/deactivate', undefined, 'operate'],
    ['POST', '/v1/tenants/acme/activate', undefined, 'operate'],
  ];

  test('each call needs its scope, and no other one will do', async () => {
    const { call, tokens } = await startAdminGateway();
    await call('POST', '/v1/tenants', ACME);
    for (const [method, path, body, scope] of CALLS) {
      for (const other of ['read', 'write', 'operate'] as const) {
        const headers = { authorization: `Bearer ${tokens[other]}`, 'if-match': '*' };
        const answer = await call(method, path, body, headers);
        const isHead = method === 'HEAD';
        if (other === scope)
          expect([answer.status, method, path], answer.body).toEqual([expect.any(Number), method, path]);
        expect(answer.status < 300, `${method} ${path} with ${other}`).toBe(other === scope);
        if (other === scope) continue;
        expect([answer.status, isHead ? 'PTC_D308' : answer.json.code]).toEqual([403, 'PTC_D308']);
        expect(answer.headers['www-authenticate']).toBe(
          `Bearer realm="tenants", error="insufficient_scope", scope="${scope}"`,
        );
      }
    }
  });

  test('a token that may only operate is shown no settings', async () => {
    const { call, tokens } = await startAdminGateway();
    await call('POST', '/v1/tenants', ACME);
    const headers = { authorization: `Bearer ${tokens.operate}` };
    const shown = { id: 'acme', active: true, revision: 1, keys: [{ id: '2030-a' }] };
    expect((await call('POST', '/v1/tenants/acme/activate', undefined, headers)).json).toEqual(shown);
    const stopped = await call('POST', '/v1/tenants/acme/deactivate', undefined, headers);
    expect([stopped.json, stopped.headers.etag]).toEqual([{ ...shown, active: false, revision: 2 }, '"2"']);
  });

  test('a token that may only write is shown no settings, whatever it changes', async () => {
    const { call, tokens } = await startAdminGateway();
    const headers = { authorization: `Bearer ${tokens.write}`, 'if-match': '*' };
    const shown = { id: 'acme', active: true, revision: 1, keys: [{ id: '2030-a' }] };
    const created = await call('POST', '/v1/tenants', ACME, headers);
    expect([created.status, created.json, created.headers.etag]).toEqual([201, shown, '"1"']);
    expect((await call('PATCH', '/v1/tenants/acme', {}, headers)).json).toEqual(shown);
    expect((await call('PUT', '/v1/tenants/acme', { burst: 7 }, headers)).json).toEqual({ ...shown, revision: 2 });
  });

  test('of an address that is not listened to any more one call a minute is recorded, and how many were not', async () => {
    const clock = createFakeClock(Date.UTC(2030, 0, 1));
    const { call, directory } = await startAdminGateway({ clock });
    const headers = { authorization: 'Bearer none' };
    for (let at = 0; at < 60; at++) await call('GET', '/v1/tenants', undefined, headers);
    const throttled = async (): Promise<unknown[]> =>
      (await adminRecords(directory)).filter(({ code }) => code === 'PTC_D603').map(({ unrecorded }) => unrecorded);
    expect(await throttled()).toEqual([0]);
    clock.advance(60_000);
    for (let at = 0; at < 30; at++) await call('GET', '/v1/tenants', undefined, headers);
    expect(await throttled()).toEqual([0, 39]);
  });

  test('without a token, with one that is none, or is past: 401, as RFC 6750 has it', async () => {
    const { call, tokens } = await startAdminGateway();
    const challenge = async (authorization: string): Promise<unknown> => {
      const { status, headers, json } = await call('GET', '/v1/tenants', undefined, { authorization });
      return [status, headers['www-authenticate'], json.code];
    };
    const none = [401, 'Bearer realm="tenants"', 'PTC_D307'];
    const invalid = [401, 'Bearer realm="tenants", error="invalid_token"', 'PTC_D307'];
    expect(await challenge('')).toEqual(none);
    expect(await challenge(`Basic ${tokens.all}`)).toEqual(none);
    expect(await challenge('Bearer x')).toEqual(invalid);
    expect(await challenge(`Bearer ${tokens.all.slice(0, -1)}`)).toEqual(invalid);
    expect(await challenge(`Bearer ptc_${'A'.repeat(43)}`)).toEqual(invalid);
    expect(await challenge(`bearer  ${tokens.all}`)).toEqual([200, undefined, undefined]);
  });

  test('an address whose calls fail is not listened to, right token or not; agents are', async () => {
    const { call, submit, tokens } = await startAdminGateway({
      clock: createFakeClock(Date.UTC(2030, 0, 1)),
      env: { TRUST_PROXY: '1', TENANTS: 'agent:hmac:testsecret' },
    });
    const from = (address: string, token = tokens.all): Record<string, string> => ({
      authorization: `Bearer ${token}`,
      'x-forwarded-for': address,
    });
    for (let at = 0; at < 20; at++) {
      expect((await call('GET', '/v1/tenants', undefined, from('192.0.2.1', 'ptc_wrong'))).status).toBe(401);
    }
    const refused = await call('GET', '/v1/tenants', undefined, from('192.0.2.1'));
    expect([refused.status, refused.json.code, refused.headers['retry-after']]).toEqual([429, 'PTC_D603', '5']);
    expect((await call('GET', '/v1/tenants', undefined, from('192.0.2.2'))).status).toBe(200);
    const body = await createPcsRecords().body();
    const answer = await submit(body, { 'x-tenant-id': 'agent', 'x-forwarded-for': '192.0.2.1' });
    expect(answer.status).toBe(200);
  });

  test('failures of agents do not lock out operators either', async () => {
    const { call, submit } = await startAdminGateway({ clock: createFakeClock(Date.UTC(2030, 0, 1)) });
    for (let at = 0; at < 25; at++) await submit('{}', { 'x-tenant-id': 'nobody' });
    expect((await submit('{}', { 'x-tenant-id': 'nobody' })).status).toBe(429);
    expect((await call('GET', '/v1/tenants')).status).toBe(200);
  });

  test('without ADMIN_TOKENS_FILE there is no such route', async () => {
    const { call } = await startAdminGateway({ env: { ADMIN_TOKENS_FILE: '', TENANTS_STORE: 'file' } });
    expect((await call('GET', '/v1/tenants')).json.code).toBe('PTC_D110');
  });
});

describe('changes that are refused', () => {
  const KEY = { id: 'n', alg: 'hmac', key: 'a key of its own' };
  const cases: [string, string, string, unknown, number, string][] = [
    ['an id that is taken', 'POST', '/v1/tenants', { id: 'acme', keys: 'none' }, 409, 'PTC_D902'],
    ['no tenant', 'POST', '/v1/tenants', [], 400, 'PTC_D901'],
    ['no id', 'POST', '/v1/tenants', { keys: 'none' }, 400, 'PTC_D901'],
    ['no keys', 'POST', '/v1/tenants', { id: 'b' }, 400, 'PTC_D901'],
    ['a key of another tenant', 'POST', '/v1/tenants', { ...ACME, id: 'b' }, 400, 'PTC_D901'],
    ['a guard that is none', 'PATCH', '/v1/tenants/acme', { stages: { x: 'off' } }, 400, 'PTC_D901'],
    ['a tolerance below 0', 'PUT', '/v1/tenants/acme', { policy: { tolD: -1 } }, 400, 'PTC_D901'],
    ['keys among settings', 'PATCH', '/v1/tenants/acme', { keys: 'none' }, 400, 'PTC_D901'],
    ['an id among settings', 'PUT', '/v1/tenants/acme', { id: 'b' }, 400, 'PTC_D901'],
    ['the flag among settings', 'PUT', '/v1/tenants/acme', { active: false }, 400, 'PTC_D901'],
    ['__proto__ among settings', 'PATCH', '/v1/tenants/acme', '{"__proto__":{"rate":1}}', 400, 'PTC_D901'],
    ['__proto__ in settings', 'PATCH', '/v1/tenants/acme', '{"policy":{"__proto__":1}}', 400, 'PTC_D901'],
    ['a key id that is taken', 'POST', '/v1/tenants/acme/keys', { ...KEY, id: '2030-a' }, 400, 'PTC_D901'],
    ['a blank behind a secret', 'POST', '/v1/tenants/acme/keys', { ...KEY, key: 'secret ' }, 400, 'PTC_D901'],
    ['a time that is none', 'POST', '/v1/tenants/acme/keys', { ...KEY, notBefore: 'soon' }, 400, 'PTC_D901'],
    [
      'a time past all dates',
      'POST',
      '/v1/tenants/acme/keys',
      { ...KEY, notBefore: 1e300, overlapSeconds: 1 },
      200,
      '',
    ],
    ['half an overlap', 'POST', '/v1/tenants/acme/keys', { ...KEY, overlapSeconds: 0.5 }, 400, 'PTC_D901'],
    ['a key that is not there', 'DELETE', '/v1/tenants/acme/keys/none', undefined, 404, 'PTC_D110'],
    ['the last key', 'DELETE', '/v1/tenants/acme/keys/2030-a', undefined, 409, 'PTC_D906'],
    ['nobody', 'PATCH', '/v1/tenants/nobody', {}, 404, 'PTC_D110'],
    ['nobody to read', 'GET', '/v1/tenants/nobody', undefined, 404, 'PTC_D110'],
    ['one of the configuration', 'PATCH', '/v1/tenants/fixed', { rate: 1 }, 409, 'PTC_D903'],
    ['its keys', 'POST', '/v1/tenants/fixed/keys', KEY, 409, 'PTC_D903'],
    ['its flag', 'POST', '/v1/tenants/fixed/deactivate', undefined, 409, 'PTC_D903'],
    ['its id', 'POST', '/v1/tenants', { id: 'fixed', keys: 'none' }, 409, 'PTC_D902'],
    ['its key', 'POST', '/v1/tenants', { id: 'b', keys: [{ ...KEY, key: 'fixed secret' }] }, 400, 'PTC_D901'],
    ['no JSON', 'POST', '/v1/tenants', '{', 400, 'PTC_D105'],
    ['a byte order mark', 'POST', '/v1/tenants', '\ufeff{"id":"b","keys":"none"}', 400, 'PTC_D105'],
    ['a member twice', 'POST', '/v1/tenants', '{"id":"b","id":"c","keys":"none"}', 400, 'PTC_D107'],
    ['a text that no store keeps', 'POST', '/v1/tenants', '{"id":"b\\u0000","keys":"none"}', 400, 'PTC_D901'],
    ['half a surrogate pair', 'PATCH', '/v1/tenants/acme', '{"pii":{"\\ud800":1}}', 400, 'PTC_D901'],
    ['too much', 'POST', '/v1/tenants', `{"id":"${'x'.repeat(65_536)}"}`, 413, 'PTC_D101'],
    ['another method', 'DELETE', '/v1/tenants/acme', undefined, 405, 'PTC_D109'],
    ['another path', 'GET', '/v1/tenants/acme/secrets', undefined, 404, 'PTC_D110'],
    ['a slash too many', 'GET', '/v1/tenants/', undefined, 404, 'PTC_D110'],
    ['an escape in an id', 'GET', '/v1/tenants/ac%6de', undefined, 404, 'PTC_D110'],
    ['a page of nothing', 'GET', '/v1/tenants?limit=0', undefined, 400, 'PTC_D901'],
    ['an unknown parameter', 'GET', '/v1/tenants?offset=5', undefined, 400, 'PTC_D901'],
    ['a parameter twice', 'GET', '/v1/tenants?limit=5&limit=6', undefined, 400, 'PTC_D901'],
  ];

  test.each(cases)('%s: %s %s', async (_name, method, path, body, status, code) => {
    const { call, directory } = await startAdminGateway({ env: { TENANTS: 'fixed:hmac:fixed secret' } });
    await call('POST', '/v1/tenants', ACME);
    const before = (await call('GET', '/v1/tenants')).body;
    const answer = await call(method, path, body, { 'if-match': '*' });
    expect([answer.status, answer.json.code ?? '']).toEqual([status, code]);
    if (status < 300) return;
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect((await call('GET', '/v1/tenants')).body).toBe(before);
    expect(await adminRecords(directory)).toContainEqual(
      expect.objectContaining({ status, code, actor: 'root', revision: null, changed: [], keys: [] }),
    );
  });

  test('every mistake is named, and no value', async () => {
    const { call } = await startAdminGateway();
    const answer = await call('POST', '/v1/tenants', {
      id: 'b',
      keys: [{ id: 'k', alg: SECRET, key: SECRET, notAfter: SECRET }],
      rate: 0,
      vrf: { publicKey: SECRET },
      stages: { vrf: SECRET },
      more: 1,
    });
    const mistakes = answer.json.mistakes as unknown as string[];
    expect(mistakes.map((line) => /^PTC_E\d{3} [^:]*: (.*?) is /.exec(line)?.[1])).toEqual([
      'tenant.more',
      'tenant.vrf.publicKey',
      'tenant.rate',
      'tenant.keys[0]: key k: alg',
      'tenant.keys[0]: key k: notAfter',
      'tenant b.stages.vrf',
    ]);
    expect(answer.body).not.toContain(SECRET);
  });

  test('a content type that is none of JSON', async () => {
    const { call } = await startAdminGateway();
    await call('POST', '/v1/tenants', ACME);
    const send = async (method: string, path: string, type: string): Promise<number> =>
      (await call(method, path, {}, { 'content-type': type, 'if-match': '*' })).status;
    expect(await send('PATCH', '/v1/tenants/acme', 'application/merge-patch+json')).toBe(200);
    expect(await send('PUT', '/v1/tenants/acme', 'application/merge-patch+json')).toBe(415);
    expect(await send('PUT', '/v1/tenants/acme', 'text/plain')).toBe(415);
  });
});

describe('If-Match', () => {
  test('settings are not changed without it; keys and the flag are', async () => {
    const { call } = await startAdminGateway();
    await call('POST', '/v1/tenants', ACME);
    for (const method of ['PUT', 'PATCH']) {
      expect((await call(method, '/v1/tenants/acme', { rate: 5 })).json).toMatchObject({
        status: 428,
        code: 'PTC_D905',
      });
    }
    expect((await call('POST', '/v1/tenants/acme/deactivate')).status).toBe(200);
    const stale = await call('POST', '/v1/tenants/acme/activate', undefined, { 'if-match': '"1"' });
    expect([stale.status, stale.json.code, stale.headers.etag]).toEqual([412, 'PTC_D904', '"2"']);
    for (const tag of ['W/"2"', '2', '"02"', '', '"1", *', '*, "2"', '*, *']) {
      expect((await call('PUT', '/v1/tenants/acme', {}, { 'if-match': tag })).status, tag).toBe(412);
    }
    expect((await call('PUT', '/v1/tenants/acme', {}, { 'if-match': '"9", "2"' })).status).toBe(200);
  });

  test('of many edits of one revision exactly one wins, and what is read is what it wrote', async () => {
    const { call } = await startAdminGateway();
    await call('POST', '/v1/tenants', ACME);
    for (let revision = 1; revision <= 3; revision++) {
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, at) =>
          call('PATCH', '/v1/tenants/acme', { rate: 100 * revision + at }, { 'if-match': `"${revision}"` }),
        ),
      );
      const won = answers.filter(({ status }) => status === 200);
      expect([won.length, answers.filter(({ status }) => status === 412).length]).toEqual([1, 15]);
      expect((await call('GET', '/v1/tenants/acme')).json).toEqual(won[0]?.json);
    }
  });

  test('of many creations of one id exactly one wins; of one key, too', async () => {
    const { call } = await startAdminGateway();
    const ids = await Promise.all(
      Array.from({ length: 8 }, (_, at) => call('POST', '/v1/tenants', { id: 'a', keys: 'none', rate: at + 1 })),
    );
    expect(ids.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(409)]);
    const keys = await Promise.all(
      Array.from({ length: 8 }, (_, at) => call('POST', '/v1/tenants', { ...ACME, id: `t${at}` })),
    );
    expect(keys.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(400)]);
  });
});

test('the list: by id, page by page, those of the configuration too', async () => {
  const { call } = await startAdminGateway({ env: { TENANTS: 'm:hmac:one secret' } });
  for (const id of ['z', 'a', 'Z', '__proto__']) await call('POST', '/v1/tenants', { id, keys: 'none' });
  const ids = async (query: string): Promise<unknown> => {
    const { tenants, next } = (await call('GET', `/v1/tenants${query}`)).json as never as {
      tenants: { id: string }[];
      next: unknown;
    };
    return [tenants.map(({ id }) => id), next];
  };
  expect(await ids('')).toEqual([['Z', '__proto__', 'a', 'm', 'z'], null]);
  expect(await ids('?limit=2')).toEqual([['Z', '__proto__'], '__proto__']);
  expect(await ids('?limit=2&after=__proto__')).toEqual([['a', 'm'], 'm']);
  expect(await ids('?limit=2&after=m')).toEqual([['z'], null]);
  expect((await call('GET', '/v1/tenants/m')).json).toMatchObject({ source: 'configuration', revision: null });
});

test('the ledger has every call, with who, what and what came of it; metrics count them', async () => {
  const { call, directory, tokens, metrics } = await startAdminGateway();
  await call('POST', '/v1/tenants', ACME);
  await call('PATCH', '/v1/tenants/acme', { rate: 5, pii: { mode: 'block' } }, { 'if-match': '"1"' });
  await call('PATCH', '/v1/tenants/acme', { rate: 5 }, { 'if-match': '"2"' });
  await call('POST', '/v1/tenants/acme/keys', { id: 'b', alg: 'hmac', key: 'a secret', overlapSeconds: 60 });
  await call('GET', '/v1/tenants/acme', undefined, { authorization: `Bearer ${tokens.operate}` });
  await call('GET', '/v1/tenants/acme', undefined, { authorization: 'Bearer canary-token' });
  await call('GET', '/v1/tenants/canary-path');
  const common = { kind: 'admin', source: '127.0.0.1', region: 'local', code: null };
  const none = { revision: null, changed: [], keys: [] };
  expect(await adminRecords(directory)).toMatchObject([
    {
      ...common,
      action: 'create',
      actor: 'root',
      tenant: 'acme',
      status: 201,
      revision: 1,
      changed: ['rate'],
      keys: ['2030-a'],
    },
    {
      ...common,
      action: 'patch',
      actor: 'root',
      tenant: 'acme',
      status: 200,
      revision: 2,
      changed: ['rate', 'pii'],
      keys: [],
    },
    { ...common, action: 'patch', actor: 'root', tenant: 'acme', status: 200, ...none },
    {
      ...common,
      action: 'add_key',
      tenant: 'acme',
      status: 200,
      revision: 3,
      changed: ['keys'],
      keys: ['b', '2030-a'],
    },
    { ...common, action: 'read', actor: 'operator', tenant: 'acme', status: 403, code: 'PTC_D308', ...none },
    { ...common, action: 'read', actor: null, tenant: 'acme', status: 401, code: 'PTC_D307', ...none },
    { ...common, action: 'read', actor: 'root', tenant: null, status: 404, code: 'PTC_D110', ...none },
  ]);
  const text = await metrics();
  expect(metric(text, 'portcullis_admin_calls_total{action="read",status="401"}')).toBe(1);
  expect(metric(text, 'portcullis_admin_calls_total{action="patch",status="200"}')).toBe(2);
});

test('no secret, no token and no digest in any answer, log line, metric or record', async () => {
  const { call, submit, log, metrics, directory, tokens } = await startAdminGateway();
  const answers: unknown[] = [];
  const ask = async (...parameters: Parameters<typeof call>): Promise<void> => {
    const { status, headers, body } = await call(...parameters);
    answers.push([status, headers, body]);
  };
  await ask('POST', '/v1/tenants', ACME);
  await ask('POST', '/v1/tenants', { ...ACME, id: 'b' });
  await ask('POST', '/v1/tenants', { id: 'b', keys: SECRET, rate: SECRET, pii: { mode: SECRET } });
  await ask('POST', '/v1/tenants/acme/keys', { id: 'b', alg: 'hmac', key: `${SECRET}-2`, notAfter: SECRET });
  await ask('POST', '/v1/tenants/acme/keys', { id: `${SECRET}!`, alg: SECRET, key: 5 });
  await ask('POST', '/v1/tenants', `{"id":"${SECRET}`);
  await ask('GET', `/v1/tenants/${SECRET}?${SECRET}`);
  await ask('GET', `/v1/tenants?after=${SECRET}`);
  await ask('GET', '/v1/tenants', undefined, { authorization: `Bearer ${SECRET}` });
  await ask('GET', '/v1/tenants');
  await submit('{}', { 'x-tenant-id': 'acme' });
  const records = JSON.stringify(await ledgerRecords(directory));
  const tokensFile = await readFile(join(directory, 'tokens.jsonl'), 'utf8');
  const digests = tokensFile
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).sha256 as string);
  const places = { answers: JSON.stringify(answers), log: log.join('\n'), metrics: await metrics(), records };
  for (const [place, text] of Object.entries(places)) {
    for (const value of [SECRET, ...Object.values(tokens), ...digests]) expect(text, place).not.toContain(value);
  }
  expect(places.answers).toContain('PTC_E009');
  expect(records).toContain('"action":"add_key"');
});

test('in production tenants that come at run time are held to what production asks', async () => {
  const { call } = await startAdminGateway({
    env: {
      PORTCULLIS_ENV: 'production',
      HOST: '127.0.0.1',
      METRICS_USER: 'ops',
      METRICS_PASS: 'a password that is long enough',
    },
  });
  const key = { id: '1', alg: 'hmac', key: 'Vg4P-iqf0W2cYzL8nRk5' };
  const mistakes = async (method: string, path: string, body: object): Promise<unknown> => {
    const { status, json } = await call(method, path, body, { 'if-match': '*' });
    return json.mistakes ?? status;
  };
  const stages = { signature: 'off', replay: 'report-only', pii: 'off' };
  expect(await mistakes('POST', '/v1/tenants', { id: 'a', keys: [{ ...key, key: 'short' }], stages })).toEqual([
    expect.stringMatching(/^PTC_E012 .*tenant a key 1 /),
    expect.stringMatching(/^PTC_E012 .*tenant a\.stages\.signature /),
    expect.stringMatching(/^PTC_E012 .*tenant a\.stages\.replay /),
  ]);
  expect(await mistakes('POST', '/v1/tenants', { id: 'a', keys: 'none' })).toEqual([
    expect.stringMatching(/^PTC_E012 .*tenant a /),
  ]);
  const password = { ...key, key: 'a password that is long enough' };
  expect(await mistakes('POST', '/v1/tenants', { id: 'a', keys: [password] })).toEqual([
    expect.stringMatching(/^PTC_E012 .*METRICS_PASS /),
  ]);
  expect(await mistakes('POST', '/v1/tenants', { id: 'a', keys: [key] })).toBe(201);
  expect(await mistakes('PATCH', '/v1/tenants/a', { stages })).toHaveLength(2);
  expect(await mistakes('POST', '/v1/tenants/a/keys', { ...key, id: '2', key: 'changeme' })).toHaveLength(1);
});
