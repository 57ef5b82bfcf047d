import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  cjsProgram,
  compile,
  complete,
  esmProgram,
  NEEDED_TO_COMPILE,
  NEEDED_TO_RUN,
  offered,
  runNode,
  typedModule,
} from './consumers.ts';
import { type Packed, pack } from './packed.ts';
import { readFrom } from './tree.ts';

/** Small applications outside of the repository that installed the tarball and name everything that it offers. */
const OFFERED = offered();
const SELF_SUFFICIENT = OFFERED.filter(({ specifier }) => NEEDED_TO_RUN[specifier] === undefined);
const PEERS = [...new Set(Object.values(NEEDED_TO_RUN).flat())];

let packed: Packed;
beforeAll(async () => {
  packed = await pack();
});
afterAll(() => packed.remove());

test('what must be there beside it are optional peers, and nothing else', () => {
  const { peerDependencies, peerDependenciesMeta } = JSON.parse(readFrom('package.json')) as {
    peerDependencies: Record<string, string>;
    peerDependenciesMeta: Record<string, { optional: boolean }>;
  };
  for (const name of PEERS) expect(peerDependencies).toHaveProperty(name);
  for (const name of Object.keys(peerDependencies)) expect(peerDependenciesMeta[name]).toEqual({ optional: true });
});

describe('at run time', () => {
  test('import: every name of every entry that needs no other package, with none installed', async () => {
    const { folder, write } = await packed.install();
    const { stdout, stderr } = await runNode(await write('app.js', esmProgram(SELF_SUFFICIENT)), folder);
    expect(JSON.parse(stdout)).toEqual(complete(SELF_SUFFICIENT));
    expect(stderr).toBe('');
  });

  test('import: every name of every entry', async () => {
    const { folder, write } = await packed.install(PEERS);
    const { stdout, stderr } = await runNode(await write('app.js', esmProgram(OFFERED)), folder);
    expect(JSON.parse(stdout)).toEqual(complete(OFFERED));
    expect(stderr).toBe('');
  });

  test('require: every name of every entry, without a flag and without a warning', async () => {
    const { folder, write } = await packed.install(PEERS);
    const { stdout, stderr } = await runNode(await write('app.cjs', cjsProgram(OFFERED)), folder);
    expect(JSON.parse(stdout)).toEqual(complete(OFFERED));
    expect(stderr).toBe('');
  });

  test.each([
    ['a server', { platform: 'node' }],
    ['a Worker', { platform: 'neutral', conditions: ['workerd', 'worker', 'browser'], external: ['*.wasm', 'node:*'] }],
    ['a browser', { platform: 'browser', external: ['node:*'] }],
  ] as const)('bundled for %s', async (_where, options) => {
    const isServer = options.platform === 'node';
    // What a Worker or a browser has no use for does not have to go into its bundle.
    const entries = isServer
      ? OFFERED
      : OFFERED.filter(({ specifier }) => !/\/(?:gateway|express|fastify|node|pii-re2)$/.test(specifier));
    const { folder, write } = await packed.install(PEERS);
    const entry = await write('app.js', esmProgram(entries));
    const outfile = join(folder, 'out.mjs');
    const { warnings } = await build({
      ...options,
      external: [...('external' in options ? options.external : [])],
      conditions: [...('conditions' in options ? options.conditions : [])],
      // CommonJS packages in a module for Node need a `require`.
      ...(isServer && { packages: 'external' }),
      entryPoints: [entry],
      absWorkingDir: folder,
      bundle: true,
      format: 'esm',
      target: 'es2022',
      logLevel: 'silent',
      outfile,
    });
    expect(warnings).toEqual([]);
    if ('conditions' in options) return; // test/runtime runs those
    expect(JSON.parse((await runNode(outfile, folder)).stdout)).toEqual(complete(entries));
  });
});

describe('for the compiler, strictly and libraries included', () => {
  const STRICT = {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    target: 'es2022',
  };
  const NODENEXT = { ...STRICT, module: 'nodenext', moduleResolution: 'nodenext' };
  const BUNDLER = { ...STRICT, module: 'esnext', moduleResolution: 'bundler' };
  const WEB = { lib: ['es2023', 'dom', 'dom.iterable'], types: [] };
  const NODE = { lib: ['es2023'], types: ['node'] };
  const plain = OFFERED.filter(({ specifier }) => NEEDED_TO_COMPILE[specifier] === undefined);

  async function complaints(
    entries: typeof OFFERED,
    compilerOptions: object,
    file = 'app.mts',
    packages: readonly string[] = [],
  ): Promise<string> {
    const { folder, write } = await packed.install(packages);
    await write(file, typedModule(entries));
    await write('tsconfig.json', JSON.stringify({ compilerOptions, files: [file] }));
    return compile(folder);
  }

  test.each([
    ['nodenext', NODENEXT, 'app.mts'],
    ['nodenext, from CommonJS', NODENEXT, 'app.cts'],
    ['bundler', BUNDLER, 'app.ts'],
  ])('%s: everything that needs no types of others, with none installed', async (_name, options, file) => {
    expect(await complaints(plain, { ...options, ...WEB }, file)).toBe('');
  });

  test('the same where the web is what Node says it is', async () => {
    expect(await complaints(plain, { ...NODENEXT, ...NODE }, 'app.mts', ['@types/node'])).toBe('');
  });

  test.each(Object.entries(NEEDED_TO_COMPILE))('%s, with %j', async (specifier, packages) => {
    const entries = OFFERED.filter((each) => each.specifier === specifier);
    const lib = packages.includes('@types/node') ? NODE : WEB;
    expect(await complaints(entries, { ...NODENEXT, ...lib }, 'app.mts', packages)).toBe('');
  });

  test('the checker sees a mistake', async () => {
    const [entry] = plain;
    const wrong = [{ specifier: 'portcullis', values: ['createGates'], types: [...(entry?.types ?? [])] }];
    expect(await complaints(wrong, { ...NODENEXT, ...WEB })).toContain('createGates');
  });
});
