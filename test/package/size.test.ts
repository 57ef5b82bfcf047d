import { describe, expect, test } from 'vitest';
import { readEntries } from '../../scripts/api/entries.ts';
import { bundle } from '../../scripts/size/bundle.ts';
import { START_UP_MS, startUp } from '../../scripts/size/start-up.ts';
import { CORE, CORE_BYTES, subjects } from '../../scripts/size/subjects.ts';
import { offered } from './consumers.ts';

/** What each entry brings into a bundle, whatever is imported from it: parts of the package, and other packages. */
const BROUGHT: Readonly<Record<string, readonly string[]>> = {
  portcullis: [
    '@noble/curves',
    '@noble/hashes',
    'anomaly',
    'gate',
    'pcs',
    'pii',
    'pii/custom',
    'rate-limit',
    'replay',
    'sanity',
    'signature',
    'telemetry',
    'tenancy',
    'vrf',
  ],
  'portcullis/client': ['client', 'gate'],
  'portcullis/fetch': ['@noble/hashes', 'gate', 'middleware'],
  'portcullis/hono': ['@noble/hashes', 'gate', 'middleware'],
  'portcullis/ledger': ['@noble/hashes', 'gate', 'ledger'],
  'portcullis/pii': ['gate', 'pii', 'pii/custom', 'pii/recognizers'],
  'portcullis/pii-slim': ['gate', 'pii', 'pii/recognizers'],
  'portcullis/vrf': ['@noble/curves', '@noble/hashes', 'gate', 'vrf', 'vrf/p256'],
  'portcullis/workers': ['@noble/hashes', 'gate', 'middleware'],
};

const partsOf = async (code: string): Promise<readonly string[]> => [...(await bundle(code)).parts.keys()].sort();

describe('a bundle has what is imported, and nothing else', () => {
  test('every entry is bundled', async () => {
    const names = subjects().map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(readEntries().map(({ specifier }) => specifier)));
    expect(names).toEqual(expect.arrayContaining(Object.keys(BROUGHT)));
  });

  test.each(Object.entries(BROUGHT))('%s, with everything in it', async (specifier, parts) => {
    expect(await partsOf(`export * from '${specifier}';`)).toEqual(parts);
  });

  test.each<[string, string, readonly string[]]>([
    ['createGate', "export { createGate } from 'portcullis';", ['gate']],
    ['a rule of sanity', "export { bounds } from 'portcullis';", ['gate', 'sanity']],
    ['a key ring', "export { createKeyRing } from 'portcullis';", ['@noble/hashes', 'gate', 'signature']],
    ['a replay guard', "export { replay } from 'portcullis';", ['gate', 'replay']],
    ['a suite', "export { edwards25519Tai } from 'portcullis/vrf';", ['@noble/curves', '@noble/hashes', 'vrf']],
    ['an id', "export { pcsId } from 'portcullis/pcs';", ['@noble/hashes', 'gate', 'pcs']],
    ['a format', "export { pcsFormat } from 'portcullis/pcs';", ['@noble/hashes', 'gate', 'pcs']],
    ['nothing', "import 'portcullis';\nimport 'portcullis/pii';\nimport 'portcullis/vrf';", []],
  ])('%s alone', async (_what, code, parts) => {
    expect(await partsOf(code)).toEqual(parts);
  });

  test('tenants alone bring personal data, PCS and VRF with the package itself: they have settings for all of it', async () => {
    const names = offered().find(({ specifier }) => specifier === 'portcullis')?.values ?? [];
    const makers = ['createTenants', 'createTenantRegistry'];
    expect(names).toEqual(expect.arrayContaining(makers));
    const others = names.filter((name) => !makers.includes(name)).join(', ');
    const parts = [
      '@noble/hashes',
      'anomaly',
      'gate',
      'rate-limit',
      'replay',
      'sanity',
      'signature',
      'telemetry',
      'tenancy',
    ];
    expect(await partsOf(`export { ${others} } from 'portcullis';`)).toEqual(parts);
  });

  test('a slim guard has the recognizers that it is given', async () => {
    const { text } = await bundle(
      "import { email, slimPii } from 'portcullis/pii-slim';\nexport default slimPii([email]);",
    );
    expect(text).toContain('pii/email');
    expect(text).not.toContain('pii/iban');
    expect(text).not.toContain('us_aba:');
  });
});

describe('budgets', () => {
  const held = subjects().filter(({ most }) => most !== undefined);

  test.each(held.map((subject) => [subject.name, subject] as const))('%s', async (_name, { code, most }) => {
    expect((await bundle(code)).gzip).toBeLessThanOrEqual(most as number);
  });

  test('the core is among them, with its 50 kB', () => {
    expect(held).toContain(CORE);
    expect(CORE_BYTES).toBe(51_200);
  });

  // It takes half of that. A machine that is busy makes it longer, never shorter, and so no run but the best counts.
  test('the core is loaded in time by one new process of twenty', async () => {
    const { text } = await bundle(CORE.code);
    expect((await startUp(text, 20, START_UP_MS)).evaluated).toBeLessThanOrEqual(START_UP_MS);
  });

  test('the clock is one that sees work', async () => {
    const work = 'let n=0;for(const end=performance.now()+30;performance.now()<end;)n++;';
    const { evaluated, loaded } = await startUp(work, 1);
    expect(evaluated).toBeGreaterThanOrEqual(30);
    expect(loaded).toBeGreaterThanOrEqual(evaluated);
  });
});
