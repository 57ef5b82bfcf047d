import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketOf, checkStages, effectiveStage } from '../src/stage.ts';

test('buckets are FNV-1a with the finalizer of MurmurHash3', () => {
  // python3: def h(t):
  //   x=0x811c9dc5
  //   for c in t.encode(): x=((x^c)*0x01000193)&0xffffffff
  //   x^=x>>16; x=x*0x85ebca6b&0xffffffff; x^=x>>13; x=x*0xc2b2ae35&0xffffffff; return (x^(x>>16))%10000
  // [h('pii\nt1'), h('vrf\nt1'), h('pii\n'), h('sanity\n192.0.2.1')]
  expect([bucketOf('pii', 't1'), bucketOf('vrf', 't1'), bucketOf('pii', ''), bucketOf('sanity', '192.0.2.1')]).toEqual([
    2279, 6041, 658, 3534,
  ]);
});

test('a canary takes its share of the keys, each always on the same side, and growing keeps who was in', () => {
  const keys = Array.from({ length: 20_000 }, (_, at) => `tenant-${at}`);
  const inAt = (percent: number): Set<string> =>
    new Set(keys.filter((key) => effectiveStage({ canary: percent }, 'pii', () => key) === 'enforce'));
  expect(inAt(0).size).toBe(0);
  expect(inAt(100).size).toBe(keys.length);
  const ten = inAt(10);
  // 2000 expected; four standard deviations are 170.
  expect(Math.abs(ten.size - 2_000)).toBeLessThan(170);
  const twenty = inAt(20);
  for (const key of ten) expect(twenty.has(key)).toBe(true);
  expect([...inAt(10)]).toEqual([...ten]);
});

test('guards choose their canaries independently', () => {
  const keys = Array.from({ length: 20_000 }, (_, at) => `k${at}`);
  const both = keys.filter((key) => bucketOf('a', key) < 5_000 && bucketOf('b', key) < 5_000).length;
  // 5000 expected; four standard deviations are 245.
  expect(Math.abs(both - 5_000)).toBeLessThan(245);
});

test('any key has a bucket', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (key, name) => {
      const bucket = bucketOf(name, key);
      expect(Number.isInteger(bucket) && bucket >= 0 && bucket < 10_000).toBe(true);
    }),
  );
});

test('the key is computed only where a canary needs it', () => {
  const never = (): never => {
    throw new Error('asked');
  };
  expect(effectiveStage('enforce', 'a', never)).toBe('enforce');
  expect(() => effectiveStage({ canary: 1 }, 'a', never)).toThrow('asked');
});

test('a stage is one of four forms, and nothing beside it', () => {
  for (const stage of ['off', 'report-only', 'enforce', { canary: 0 }, { canary: 100 }]) {
    expect(() => checkStages('stages', { pii: stage as never }, ['pii'])).not.toThrow();
  }
  const wrong = ['on', '', true, 1, null, undefined, [], {}, { percent: 3 }, { canary: 10, percent: 3 }];
  const wrongPercent = [{ canary: '10' }, { canary: -1 }, { canary: 101 }, { canary: Number.NaN }];
  for (const stage of [...wrong, ...wrongPercent, Object.create({ canary: 10 })]) {
    expect(() => checkStages('stages', { pii: stage as never }, ['pii'])).toThrow(/^PTC_E007 .*: stages\.pii is /);
  }
  expect(() => checkStages('stages', { pi: 'off' }, ['pii', 'vrf'])).toThrow(/^PTC_E006 .*: stages\.pi .*pii, vrf/);
  for (const stages of [null, 'off', [], ['off']]) {
    expect(() => checkStages('stages', stages as never, ['pii', '0'])).toThrow(/^PTC_E002 .*: stages is /);
  }
});
