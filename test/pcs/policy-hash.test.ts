import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { DEFAULT_PCS_POLICY } from '../../src/pcs/policy.ts';
import { policyHash } from '../../src/pcs/policy-hash.ts';

/** `jq -cS . policy.json | sha256sum`. */
function jqHash(policy: object): string {
  const { stdout } = spawnSync('jq', ['-cS', '.'], { input: JSON.stringify(policy) });
  return createHash('sha256').update(stdout).digest('hex');
}

test('jq and sha256sum give the hash of a policy', () => {
  expect(policyHash(DEFAULT_PCS_POLICY)).toBe('52fa397c264536453c03dcf5110eeb58ab83bcb92efb80144e16c71d5deb8110');
  for (const policy of [DEFAULT_PCS_POLICY, { ...DEFAULT_PCS_POLICY, tolD: 0.1, minD: -2, maxD: 1_000_000 }]) {
    expect(policyHash(policy)).toBe(jqHash(policy));
  }
});

test('the order of the members says nothing, each number something', () => {
  const reversed = Object.fromEntries(Object.entries(DEFAULT_PCS_POLICY).reverse());
  expect(policyHash(reversed as unknown as typeof DEFAULT_PCS_POLICY)).toBe(policyHash(DEFAULT_PCS_POLICY));
  const hashes = Object.keys(DEFAULT_PCS_POLICY).map((name) => policyHash({ ...DEFAULT_PCS_POLICY, [name]: 0.33 }));
  expect(new Set(hashes).size).toBe(Object.keys(DEFAULT_PCS_POLICY).length);
});
