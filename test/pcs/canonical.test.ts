import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  macInput,
  PCS_PROFILES,
  type PcsProfile,
  pythonRepr,
  type SignedFields,
  signedInputs,
  signedTexts,
} from '../../src/pcs/canonical.ts';
import { readFixture, SAMPLE_RECORD } from './sample.ts';

const WORKED_TEXT =
  '{"D_hat":1.0,"budget":0.349073359,"coh_star":0.2,"epoch":1,' +
  '"merkle_root":"96875c47a824f4cd6203f87da38c3b903550d1db574ce279ad65f787be37c359",' +
  '"pcs_id":"ee69f7b2dd5ad8e1f3a4c407aca789ae0d74b47d1d34c09b28a2fc3b5148ed6e",' +
  '"r":0.303088803,"shard_id":"test-shard-001"}';

const hmac = (input: Uint8Array): string => createHmac('sha256', 'testsecret').update(input).digest('base64');

function textOf(record: SignedFields, profile: PcsProfile): string {
  return signedTexts(record, [profile])[0]!.text;
}

function inputOf(record: SignedFields, profile: PcsProfile): { hmac: Uint8Array; ed25519: Uint8Array } {
  return signedInputs(record, [profile])[0]!;
}

describe('the worked example of the format', () => {
  it('has exactly this text and signature under py-direct', () => {
    expect(textOf(SAMPLE_RECORD, 'py-direct')).toBe(WORKED_TEXT);
    expect(hmac(inputOf(SAMPLE_RECORD, 'py-direct').hmac)).toBe('wahFdOY1XKgg9WTr5UTpryZTviM5zay5VMHcrzHH5hE=');
  });

  it('writes D_hat as 1 under js-direct and hashes the text under js-digest', () => {
    const text = WORKED_TEXT.replace('1.0', '1');
    expect(textOf(SAMPLE_RECORD, 'js-direct')).toBe(text);
    expect(textOf(SAMPLE_RECORD, 'js-digest')).toBe(text);
    const digest = new Uint8Array(createHash('sha256').update(text).digest());
    expect(inputOf(SAMPLE_RECORD, 'js-digest').hmac).toEqual(digest);
    expect(inputOf(SAMPLE_RECORD, 'js-direct').ed25519).toEqual(digest);
  });
});

describe('Python profiles', () => {
  interface Case {
    fields: SignedFields;
    text: string;
    sha256: string;
    'py-direct': string;
    'py-digest': string;
  }

  it.each(readFixture<{ cases: Case[] }>('signed-text.json').cases)(
    'agree with json.dumps and hmac: %#',
    (expected) => {
      for (const profile of ['py-direct', 'py-digest'] as const) {
        expect(textOf(expected.fields, profile)).toBe(expected.text);
        expect(hmac(inputOf(expected.fields, profile).hmac)).toBe(expected[profile]);
        expect(Buffer.from(inputOf(expected.fields, profile).ed25519).toString('hex')).toBe(expected.sha256);
      }
    },
  );
});

describe('pythonRepr', () => {
  it('agrees with Python on every row', () => {
    const { rows } = readFixture<{ rows: string[] }>('python-repr.json');
    for (const row of rows) {
      const [bits, repr, rounded] = row.split(' ');
      const x = Buffer.from(bits!, 'hex').readDoubleBE();
      expect(pythonRepr(x), row).toBe(repr);
      expect(textOf({ ...SAMPLE_RECORD, r: x }, 'py-direct'), row).toContain(`"r":${rounded},`);
    }
    expect(rows.length).toBeGreaterThan(4000);
  });
});

describe('ECMAScript profiles', () => {
  it.each([
    [0.00005, '0.00005'],
    [1e-7, '1e-7'],
    [-0, '0'],
    [1.0000000005, '1.000000001'],
    // Math.round goes up on ties where Python goes away from zero.
    [-0.0000000005, '0'],
    [1e21, '1e+21'],
    [1.7e308, '1.7e+308'],
  ])('writes %d as %s', (x, expected) => {
    expect(textOf({ ...SAMPLE_RECORD, r: x }, 'js-direct')).toContain(`"r":${expected},`);
  });

  it('is what a JavaScript client writes', () => {
    const round9 = (x: number): number => Math.round(x * 1e9) / 1e9;
    fc.assert(
      fc.property(signedFields(fc.double({ min: -1e290, max: 1e290, noNaN: true })), (f) => {
        const { D_hat, budget, coh_star, epoch, merkle_root, pcs_id, r, shard_id } = f;
        const client = { D_hat: round9(D_hat), budget: round9(budget), coh_star: round9(coh_star), epoch };
        const expected = JSON.stringify({ ...client, merkle_root, pcs_id, r: round9(r), shard_id });
        expect(textOf(f, 'js-direct')).toBe(expected);
      }),
    );
  });
});

function signedFields(number: fc.Arbitrary<number>): fc.Arbitrary<SignedFields> {
  const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
  return fc.record({
    D_hat: number,
    budget: number,
    coh_star: number,
    r: number,
    epoch: fc.maxSafeNat(),
    merkle_root: hex,
    pcs_id: hex,
    shard_id: fc.stringMatching(/^[A-Za-z0-9._:-]{1,128}$/),
  });
}

describe('every profile', () => {
  const small = fc.double({ min: -10, max: 10, noNaN: true });

  it('is JSON with sorted keys whose numbers read back within half a nano-unit', () => {
    fc.assert(
      fc.property(signedFields(small), (fields) => {
        for (const { text } of signedTexts(fields, PCS_PROFILES)) {
          const back = JSON.parse(text) as Record<string, unknown>;
          expect(Object.keys(back)).toEqual([...Object.keys(back)].sort());
          expect(Object.keys(back)).toHaveLength(8);
          for (const name of ['D_hat', 'budget', 'coh_star', 'r'] as const) {
            expect(Math.abs((back[name] as number) - fields[name])).toBeLessThanOrEqual(0.5e-9 + 1e-14);
          }
          for (const name of ['epoch', 'merkle_root', 'pcs_id', 'shard_id'] as const) {
            expect(back[name]).toBe(fields[name]);
          }
        }
      }),
    );
  });

  it('gives two texts to two sets of values, also across profiles', () => {
    const coarse = fc.integer({ min: -3, max: 3 }).map((n) => n / 1e9);
    const few = signedFields(coarse).map((f) => ({ ...f, epoch: f.epoch % 2, merkle_root: 'a', pcs_id: 'b' }));
    const shards = fc.constantFrom('a', 'b');
    fc.assert(
      fc.property(few, few, shards, shards, (a, b, shardA, shardB) => {
        const [x, y] = [
          { ...a, shard_id: shardA },
          { ...b, shard_id: shardB },
        ];
        const isSame = (Object.keys(x) as (keyof SignedFields)[]).every((name) => x[name] === y[name]);
        const texts = (f: SignedFields): Set<string> => new Set(signedTexts(f, PCS_PROFILES).map(({ text }) => text));
        expect([...texts(x)].some((text) => texts(y).has(text))).toBe(isSame);
      }),
      { numRuns: 500 },
    );
  });

  it('never throws for finite numbers of any size', () => {
    fc.assert(
      fc.property(signedFields(fc.double({ noNaN: true, noDefaultInfinity: true })), (fields) => {
        expect(signedInputs(fields, PCS_PROFILES).map(({ profile }) => profile)).toEqual(PCS_PROFILES);
      }),
    );
  });
});

describe('macInput', () => {
  it('is the text or its SHA-256', () => {
    expect(macInput('abc', false)).toEqual(new Uint8Array([97, 98, 99]));
    // FIPS 180-2, appendix B.1.
    expect(Buffer.from(macInput('abc', true)).toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
