import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeBase64 } from '../../src/base64.ts';
import { drawDirections } from '../../src/guards/vrf/directions.ts';
import { edwards25519Tai } from '../../src/guards/vrf/ecvrf.ts';
import { p256Sswu } from '../../src/guards/vrf/p256/sswu.ts';
import { p256Tai } from '../../src/guards/vrf/p256/tai.ts';
import { seedFromBeta } from '../../src/guards/vrf/seed.ts';
import type { VrfSuite } from '../../src/guards/vrf/suite.ts';
import { summarize } from '../../src/pcs/agent/summarize.ts';
import { pcsAlpha } from '../../src/pcs/vrf.ts';
import { metric, startTestGateway } from '../helpers/gateway.ts';
import { signedBody, type Wire, wireRecord } from '../helpers/pcs.ts';
import { tempDirectory } from '../helpers/temp.ts';

const secretOf = (tenant: string): Uint8Array => new Uint8Array(32).fill(tenant.charCodeAt(0));

/** A gateway whose tenants have VRF keys of their own, and further settings of `vrf`. */
async function start(tenants: Record<string, object>) {
  const path = join(await tempDirectory(), 'tenants.json');
  const list = Object.entries(tenants).map(([id, settings]) => ({
    id,
    keys: [{ id: 'k', alg: 'hmac', key: `key-of-${id}` }],
    vrf: { publicKey: encodeBase64(edwards25519Tai.publicKey(secretOf(id))), ...settings },
  }));
  await writeFile(path, JSON.stringify({ tenants: list }));
  const gateway = await startTestGateway({ TENANTS_FILE: path, PCS_SIGN_ALG: '', PCS_HMAC_KEY: '' });
  const submit = async (id: string, wire: Wire) =>
    gateway.submit(await signedBody(wire, `key-of-${id}`), { 'x-tenant-id': id });
  const count = async (tenant: string) => {
    const text = await gateway.metrics();
    return ['valid', 'invalid', 'missing'].map((proof) =>
      metric(text, `flk_vrf_proofs_by_tenant{tenant_id="${tenant}",proof="${proof}"}`),
    );
  };
  return { ...gateway, submit, count };
}

/** The record with the proof of a tenant, and its seed. */
function proven(record: Wire, tenant: string): Wire & { seed: number } {
  const proof = edwards25519Tai.prove(secretOf(tenant), pcsAlpha(String(record.pcs_id)));
  const seed = Number(seedFromBeta(edwards25519Tai.proofToHash(proof)!));
  return { ...record, seed, vrf_proof: encodeBase64(proof) };
}

test('a tenant goes from optional to required: /metrics says how many requests carry no proof yet', async () => {
  const optional = await start({ acme: { required: false }, other: { required: false } });
  for (let i = 0; i < 3; i++) expect((await optional.submit('acme', wireRecord())).status).toBe(200);
  expect((await optional.submit('acme', proven(wireRecord(), 'acme'))).status).toBe(200);
  expect((await optional.submit('acme', proven(wireRecord(), 'other'))).json).toMatchObject({
    status: 401,
    code: 'PTC_D305',
  });
  expect((await optional.submit('other', proven(wireRecord(), 'other'))).status).toBe(200);
  expect(await optional.count('acme')).toEqual([1, 1, 3]);
  expect(await optional.count('other')).toEqual([1, Number.NaN, Number.NaN]);
  const text = await optional.metrics();
  expect(text).toMatch(/^# TYPE flk_vrf_proofs_by_tenant counter$/m);
  expect(metric(text, 'flk_vrf_invalid_total')).toBe(1);

  const required = await start({ acme: {} });
  expect((await required.submit('acme', wireRecord())).json).toMatchObject({ status: 401, code: 'PTC_D306' });
  expect((await required.submit('acme', proven(wireRecord(), 'acme'))).status).toBe(200);
  expect(await required.count('acme')).toEqual([1, Number.NaN, 1]);
});

test('a tenant whose guard only reports is counted too; one without a key, and a replay, are not', async () => {
  const secret = secretOf('default');
  const VRF_PUB_B64 = encodeBase64(edwards25519Tai.publicKey(secret));
  const shadow = await startTestGateway({ VRF_PUB_B64, VRF_MODE: 'report_only' });
  const body = await signedBody(wireRecord());
  for (let i = 0; i < 2; i++) expect((await shadow.submit(body)).status).toBe(200);
  const series = 'flk_vrf_proofs_by_tenant{tenant_id="default",proof="missing"}';
  expect(metric(await shadow.metrics(), series)).toBe(1);
  const none = await startTestGateway();
  await none.submit(await signedBody(wireRecord()));
  expect(await none.metrics()).not.toContain('flk_vrf_proofs_by_tenant{');
});

test('onInvalid of a tenant: 202 and the reason for one, 401 for the other', async () => {
  const { submit } = await start({ soft: { onInvalid: 'escalate' }, hard: { onInvalid: 'deny' } });
  const soft = await submit('soft', proven(wireRecord(), 'hard'));
  expect([soft.status, soft.json.reason, soft.json.escalated]).toEqual([202, 'vrf_invalid', true]);
  const missing = await submit('soft', wireRecord());
  expect([missing.status, missing.json.reason]).toEqual([202, 'vrf_missing']);
  const hard = await submit('hard', proven(wireRecord(), 'soft'));
  expect([hard.status, hard.json.code]).toEqual([401, 'PTC_D305']);
});

test('directions of a tenant: v_star must be one that the proof fixes', async () => {
  const { submit, count } = await start({ acme: { directions: 8 }, other: {} });
  const record = proven(wireRecord(), 'acme');
  const directions = drawDirections(record.seed, 9);
  const ask = (v_star: unknown) => submit('acme', { ...record, v_star });
  // Refusals first: the id of an accepted record has its answer for good.
  const [next, chosen, drawn] = [await ask(directions[8]), await ask([0, 0, 1]), await ask(directions[7])];
  expect([next.status, next.json.code, chosen.status]).toEqual([401, 'PTC_D305', 401]);
  expect(next.json.findings).toMatchObject([{ rule: 'vrf/direction' }]);
  expect(drawn.status).toBe(200);
  expect(await count('acme')).toEqual([1, 2, Number.NaN]);
  expect((await submit('other', { ...proven(wireRecord(), 'other'), v_star: [0, 0, 1] })).status).toBe(200);
});

test('what the agent of this package makes passes the rule about directions', async () => {
  const { submit } = await start({ acme: { directions: 128 } });
  let proof = new Uint8Array();
  const points = Array.from({ length: 60 }, (_, i) => [i, (i * i) % 17, (i * 7) % 23]);
  const body = await summarize(points, {
    shardId: 'agent-1',
    epoch: 3,
    seed(id) {
      proof = Uint8Array.from(edwards25519Tai.prove(secretOf('acme'), pcsAlpha(id)));
      return Number(seedFromBeta(edwards25519Tai.proofToHash(proof)!));
    },
  });
  const answer = await submit('acme', { ...body, vrf_proof: encodeBase64(proof) });
  expect([answer.status, answer.json.accepted]).toEqual([200, true]);
});

test.each([
  [{ directions: 0 }, /PTC_E003 .*vrf\.directions/],
  [{ directions: 4_097 }, /PTC_E003 .*vrf\.directions/],
  [{ directions: '128' }, /PTC_E002 .*vrf\.directions/],
  [{ onInvalid: 'ignore' }, /PTC_E003 .*vrf\.onInvalid/],
  [{ required: 'yes' }, /PTC_E002 .*vrf\.required/],
  [{ suite: 'x' }, /PTC_E003 .*vrf\.suite/],
])('a tenant’s vrf %j stops start-up', async (settings, message) => {
  await expect(start({ acme: settings })).rejects.toThrow(message);
});

test('suite of a tenant: P-256 for one, edwards25519 for the other; neither takes the other’s proofs', async () => {
  const suites = [p256Tai, p256Sswu];
  const ids = ['nist', 'swu'];
  const settings = suites.map((suite, at) => [
    ids[at]!,
    { suite: suite.name, publicKey: encodeBase64(suite.publicKey(secretOf(ids[at]!))) },
  ]);
  const { submit } = await start({ ...Object.fromEntries(settings), acme: {} });
  const provenBy = (suite: VrfSuite, id: string): Wire => {
    const record = wireRecord();
    const proof = suite.prove(secretOf(id), pcsAlpha(String(record.pcs_id)));
    const beta = suite.proofToHash(proof)!;
    const [vrf_proof, vrf_output] = [encodeBase64(proof), encodeBase64(beta)];
    return { ...record, seed: Number(seedFromBeta(beta)), vrf_proof, vrf_output };
  };
  for (const [at, suite] of suites.entries()) {
    expect((await submit(ids[at]!, provenBy(suite, ids[at]!))).status).toBe(200);
    expect((await submit(ids[at]!, provenBy(suites[1 - at]!, ids[at]!))).json).toMatchObject({ code: 'PTC_D305' });
    expect((await submit(ids[at]!, provenBy(edwards25519Tai, ids[at]!))).json).toMatchObject({ code: 'PTC_D305' });
    expect((await submit('acme', provenBy(suite, 'acme'))).json).toMatchObject({ code: 'PTC_D305' });
  }
  expect((await submit('acme', proven(wireRecord(), 'acme'))).status).toBe(200);
});
