import { describe, expect, onTestFinished, test } from 'vitest';
import { decisionOf, portcullis } from '../../../middleware/express.ts';
import { createGate } from '../../../src/gate.ts';
import { defineGuard, PASS } from '../../../src/guard.ts';
import { directionsFromBeta } from '../../../src/guards/vrf/directions.ts';
import { edwards25519Tai } from '../../../src/guards/vrf/ecvrf.ts';
import { edwards25519Ell2 } from '../../../src/guards/vrf/edwards25519-ell2.ts';
import { vrf } from '../../../src/guards/vrf/guard.ts';
import type { VrfOptions } from '../../../src/guards/vrf/options.ts';
import { p256Sswu } from '../../../src/guards/vrf/p256/sswu.ts';
import { seedFromBeta } from '../../../src/guards/vrf/seed.ts';
import type { VrfSuite } from '../../../src/guards/vrf/suite.ts';
import { EXPRESSES } from '../../helpers/expresses.ts';
import { listen, send } from '../../helpers/http.ts';
import { bytes, hex, utf8 } from './vectors.ts';

const TENANTS = ['north', 'south'];
const secretOf = (tenant: string): Uint8Array => new Uint8Array(32).fill(tenant.length + tenant.charCodeAt(0));

interface Asked {
  readonly tenant?: string;
  readonly path?: string;
  readonly proof?: Uint8Array;
  readonly seed?: bigint;
  readonly direction?: readonly number[];
}

/** An application with no PCS about it: lots are drawn for a path, and the draw comes in headers. */
async function start(suite: VrfSuite, options: Partial<VrfOptions> = {}) {
  const keys = new Map(TENANTS.map((tenant) => [tenant, suite.publicKey(secretOf(tenant))]));
  const seen: unknown[] = [];
  const later = defineGuard({
    name: 'later',
    inspect(_exchange, { facts }) {
      seen.push(facts.vrf_seed);
      return PASS;
    },
  });
  const gate = createGate({
    guards: [
      vrf({
        suite,
        key: (_exchange, { tenant }) => keys.get(tenant ?? ''),
        alpha: (exchange) => utf8(exchange.path),
        proof: (exchange) => {
          const text = exchange.header('x-vrf-proof');
          return text === undefined ? undefined : bytes(text);
        },
        seed: (exchange) => {
          const text = exchange.header('x-vrf-seed');
          return text === undefined ? undefined : BigInt(text);
        },
        place: { in: 'header', name: 'x-vrf-proof' },
        reads: 'head',
        ...options,
      }),
      later,
    ],
    stages: { vrf: 'enforce' },
    tenant: (exchange) => exchange.header('x-tenant-id'),
  });
  const app = EXPRESSES[5]();
  app.use(portcullis(gate));
  app.use((_req, res) => {
    const decision = decisionOf(res)!;
    const { beta, vrf_seed } = decision.facts;
    res.json({ beta, seed: vrf_seed === undefined ? undefined : String(vrf_seed), outcome: decision.outcome });
  });
  const running = await listen(app);
  onTestFinished(running.close);
  const ask = async ({ tenant = 'north', path = '/draw/7', proof, seed, direction }: Asked) => {
    const headers = {
      'x-tenant-id': tenant,
      ...(proof && { 'x-vrf-proof': hex(proof) }),
      ...(seed !== undefined && { 'x-vrf-seed': String(seed) }),
      ...(direction && { 'x-direction': direction.join(' ') }),
    };
    const { status, body } = await send(running.port, { method: 'GET', path, headers });
    return { status, json: JSON.parse(body) as Record<string, unknown> };
  };
  return { ask, seen };
}

describe.each([edwards25519Tai, edwards25519Ell2, p256Sswu])('vrf() over HTTP, $name', (suite) => {
  const prove = (tenant: string, path: string) => {
    const proof = suite.prove(secretOf(tenant), utf8(path));
    const result = suite.verify(suite.publicKey(secretOf(tenant)), utf8(path), proof);
    if (!result.valid) throw new Error(result.reason);
    return { proof, beta: result.beta, seed: seedFromBeta(result.beta) };
  };

  test('a valid proof: the application and a later guard have output and seed', async () => {
    const { ask, seen } = await start(suite);
    const { proof, beta, seed } = prove('north', '/draw/7');
    const answer = await ask({ proof, seed });
    expect(answer).toEqual({ status: 200, json: { beta: hex(beta), seed: String(seed), outcome: 'allow' } });
    expect(seen).toEqual([seed]);
  });

  test('another tenant’s proof, another path, another seed, no proof: 401 with the step that failed', async () => {
    const { ask, seen } = await start(suite);
    const { proof, seed } = prove('north', '/draw/7');
    const cases: [Asked, string, string][] = [
      [{ tenant: 'south', proof }, 'PTC_D305', 'vrf/challenge'],
      [{ path: '/draw/8', proof }, 'PTC_D305', 'vrf/challenge'],
      [{ proof, seed: seed + 1n }, 'PTC_D305', 'vrf/seed'],
      [{ proof: proof.subarray(1) }, 'PTC_D305', 'vrf/proof-length'],
      [{}, 'PTC_D306', 'vrf/missing'],
    ];
    for (const [asked, code, rule] of cases) {
      const { status, json } = await ask(asked);
      expect([status, json.code, json.guard]).toEqual([401, code, 'vrf']);
      expect(json.findings).toMatchObject([{ rule, place: { in: 'header', name: 'x-vrf-proof' } }]);
      expect(json).not.toHaveProperty('beta');
    }
    expect(seen).toEqual([]);
  });

  test('a tenant without a key: nothing to check', async () => {
    const { ask, seen } = await start(suite);
    expect(await ask({ tenant: 'nobody' })).toEqual({ status: 200, json: { outcome: 'allow' } });
    expect(seen).toEqual([undefined]);
  });
});

test('onInvalid and required, each by tenant: 202 for one, 401 for the other; optional for one', async () => {
  const { ask } = await start(edwards25519Tai, {
    onInvalid: (_exchange, { tenant }) => (tenant === 'north' ? 'escalate' : 'deny'),
    required: (_exchange, { tenant }) => tenant === 'south',
  });
  const proof = new Uint8Array(80);
  expect((await ask({ tenant: 'north', proof })).status).toBe(202);
  expect((await ask({ tenant: 'south', proof })).status).toBe(401);
  expect(await ask({ tenant: 'north' })).toMatchObject({ status: 200, json: { outcome: 'allow' } });
  expect((await ask({ tenant: 'south' })).status).toBe(401);
});

test('directions: a vector of the draw passes, any other is refused, and only where a tenant has a number of them', async () => {
  const suite = edwards25519Tai;
  const { ask } = await start(suite, {
    direction: (exchange) => exchange.header('x-direction')?.split(' ').map(Number),
    directions: (_exchange, { tenant }) => (tenant === 'north' ? 16 : undefined),
  });
  for (const tenant of TENANTS) {
    const proof = suite.prove(secretOf(tenant), utf8('/draw/7'));
    const directions = directionsFromBeta(suite.proofToHash(proof)!, 17);
    const isRuled = tenant === 'north';
    expect((await ask({ tenant, proof, direction: directions[15]! })).status).toBe(200);
    expect((await ask({ tenant, proof })).status).toBe(200);
    for (const direction of [directions[16]!, [0, 0, 1], [1, 2], [Number.NaN, 0, 1]]) {
      const { status, json } = await ask({ tenant, proof, direction });
      expect([status, json.code]).toEqual(isRuled ? [401, 'PTC_D305'] : [200, undefined]);
      if (isRuled) expect(json.findings).toMatchObject([{ rule: 'vrf/direction' }]);
    }
  }
});
