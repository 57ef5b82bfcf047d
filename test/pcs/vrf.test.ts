import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../src/base64.ts';
import { ConfigError } from '../../src/errors.ts';
import type { GuardContext, Verdict } from '../../src/guard.ts';
import { PCS_FACT } from '../../src/pcs/record.ts';
import { type PcsVrfOptions, pcsAlpha, pcsVrf } from '../../src/pcs/vrf.ts';
import { buildExchange } from '../../src/testing.ts';
import { bytes, crafted, hex } from '../guards/vrf/vectors.ts';

const proven = crafted.pcs[0]!;
const key = bytes(proven.pk);
const good = {
  pcs_id: proven.pcs_id,
  seed: BigInt(proven.seed),
  vrf_proof: encodeBase64(bytes(proven.pi)),
  vrf_output: encodeBase64(bytes(proven.beta)),
};

function inspect(
  record: object | undefined,
  options: Partial<PcsVrfOptions> = {},
  tenant: string | undefined = 'acme',
): Verdict {
  const context: GuardContext = {
    tenant,
    now: 0,
    decisionId: 'd1',
    facts: record === undefined ? {} : { [PCS_FACT]: record },
    currentBody: () => new Uint8Array(),
  };
  const guard = pcsVrf({ keyOf: (name) => (name === 'acme' ? key : undefined), ...options });
  return guard.inspect(buildExchange(), context) as Verdict;
}

function refusal(kind: string, code: string, rule: string): object {
  return { kind, code, findings: [{ rule, place: { in: 'body', pointer: '/vrf_proof' }, score: 1 }] };
}

describe('pcsAlpha', () => {
  it('is the prefix and the id in UTF-8', () => {
    expect(hex(pcsAlpha('ee69'))).toBe(Buffer.from('pcs-vrf-v1:ee69').toString('hex'));
  });
});

describe('pcsVrf', () => {
  it('passes a record whose proof, output and seed belong together', () => {
    const facts = { beta: proven.beta, vrf_seed: BigInt(proven.seed) };
    expect(inspect(good)).toEqual({ kind: 'pass', facts });
    const { vrf_output: _, ...withoutOutput } = good;
    expect(inspect(withoutOutput)).toEqual({ kind: 'pass', facts });
  });

  it('has nothing to check for a tenant without a key, nor where no tenant is known', () => {
    expect(inspect(good, {}, 'other')).toEqual({ kind: 'pass' });
    expect(inspect({ ...good, vrf_proof: '!' }, {}, 'other')).toEqual({ kind: 'pass' });
    expect(inspect(undefined, {}, 'other')).toEqual({ kind: 'pass' });
    expect(pcsVrf({ keyOf: () => undefined }).name).toBe('vrf');
  });

  it('refuses a record without a proof, or flags it where proofs are not required', () => {
    const { vrf_proof: _, ...without } = good;
    expect(inspect(without)).toEqual(refusal('deny', 'PTC_D306', 'vrf/missing'));
    expect(inspect(without, { onInvalid: 'escalate' })).toEqual(refusal('escalate', 'PTC_D306', 'vrf/missing'));
    expect(inspect(without, { required: false })).toEqual(refusal('flag', 'PTC_D306', 'vrf/missing'));
  });

  it('refuses a request of which no record is known', () => {
    expect(inspect(undefined)).toEqual(refusal('deny', 'PTC_D306', 'vrf/missing'));
  });

  it.each<[string, string, object]>([
    ['another record', 'vrf/challenge', { pcs_id: '0'.repeat(64) }],
    ['a seed of the client\u2019s choice', 'vrf/seed', { seed: 42n }],
    ['another output', 'vrf/output', { vrf_output: encodeBase64(new Uint8Array(64)) }],
    ['an output cut short', 'vrf/output', { vrf_output: encodeBase64(bytes(proven.beta).subarray(0, 32)) }],
    ['an empty output', 'vrf/output', { vrf_output: '' }],
    ['an output in hex', 'vrf/output', { vrf_output: `${proven.beta}x` }],
    ['an empty proof', 'vrf/proof-length', { vrf_proof: '' }],
    ['a proof cut short', 'vrf/proof-length', { vrf_proof: encodeBase64(bytes(proven.pi).subarray(0, 78)) }],
    ['a proof with bytes behind it', 'vrf/proof-length', { vrf_proof: `${good.vrf_proof.replace(/=+$/, '')}AAAA` }],
    ['padding missing', 'vrf/proof-length', { vrf_proof: good.vrf_proof.replace(/=+$/, '') }],
    ['whitespace around', 'vrf/proof-length', { vrf_proof: `${good.vrf_proof}\n` }],
    ['no base64 at all', 'vrf/proof-length', { vrf_proof: '\ud800 not base64' }],
    ['a very long proof', 'vrf/proof-length', { vrf_proof: 'A'.repeat(1 << 20) }],
  ])('refuses: %s', (_, rule, change) => {
    expect(inspect({ ...good, ...change })).toEqual(refusal('deny', 'PTC_D305', rule));
    expect(inspect({ ...good, ...change }, { onInvalid: 'escalate' })).toEqual(refusal('escalate', 'PTC_D305', rule));
  });

  it('takes the key from its option alone, never from the record', () => {
    const forged = { ...good, vrf_key: encodeBase64(key), key: encodeBase64(key), public_key: encodeBase64(key) };
    const keyOf = (): Uint8Array => bytes(crafted.proofs[0]!.pk);
    expect(inspect(forged, { keyOf })).toEqual(refusal('deny', 'PTC_D305', 'vrf/challenge'));
  });

  it.each<[string, string, unknown]>([
    ['PTC_E001', 'pcsVrf', undefined],
    ['PTC_E001', 'pcsVrf.keyOf', {}],
    ['PTC_E002', 'pcsVrf.keyOf', { keyOf: key }],
    ['PTC_E004', 'pcsVrf.alpha', { keyOf: () => key, alpha: () => key }],
    ['PTC_E003', 'vrf.onInvalid', { keyOf: () => key, onInvalid: 'allow' }],
  ])('stops start-up with %s for %s', (code, option, options) => {
    let error: unknown;
    try {
      pcsVrf(options as PcsVrfOptions);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ code, option });
  });
});
