import { describe, expect, test } from 'vitest';
import { breaches, FOLDERS, type Package, zoneOf } from './rules.ts';
import { codeOnly, importsOf } from './source.ts';
import { readPackage, readSources } from './tree.ts';

test('the layers hold', () => {
  expect(breaches(readSources(FOLDERS), readPackage())).toEqual([]);
});

describe('the walker sees what is there', () => {
  const sources = readSources(FOLDERS);
  const { entries, packages } = readPackage();

  test('every folder has files, and so has every layer', () => {
    const zones = new Set([...sources.keys()].map((path) => zoneOf(path, entries).split('/')[0]));
    for (const zone of ['core', 'entry', 'guards', 'pcs', 'ledger', 'tenancy', 'telemetry', 'testing']) {
      expect(zones).toContain(zone);
    }
    for (const zone of ['middleware', 'gateway', 'cli', 'client']) expect(zones).toContain(zone);
    expect(sources.size).toBeGreaterThan(100);
  });

  test('entries and packages come from package.json', () => {
    expect(entries).toContain('src/index.ts');
    expect(entries).toContain('src/testing.ts');
    expect(packages).toEqual(expect.arrayContaining(['@noble/curves', '@noble/hashes', 'express']));
    expect(packages).not.toContain('vitest');
  });

  test.each([
    ['src/gate.ts', './decide.ts', 'value'],
    ['src/decide.ts', './patch.ts', 'type'],
    ['src/guards/vrf/guard.ts', '@noble/curves/utils.js', 'value'],
    ['middleware/express.ts', 'express', 'type'],
    ['gateway/app.ts', '../middleware/express.ts', 'value'],
    ['cli/main.ts', './serve.ts', 'lazy'],
  ])('%s imports %s (%s)', (path, specifier, kind) => {
    expect(importsOf(sources.get(path) ?? '')).toContainEqual(expect.objectContaining({ specifier, kind }));
  });

  test('no line that begins like an import goes unread', () => {
    for (const [path, source] of sources) {
      const lines = codeOnly(source).match(/^(?:import|export \{|export \*|export type (?:\{|\*))/gm) ?? [];
      const local = codeOnly(source).match(/^export (?:type )?\{[^}]*\};/gm) ?? [];
      const read = importsOf(source).filter(({ kind }) => kind !== 'lazy');
      expect(read.length, path).toBe(lines.length - local.length);
    }
  });
});

describe('imports are read as the compiler reads them', () => {
  const one = { reexports: false, bare: false };
  test.each<[string, ReturnType<typeof importsOf>]>([
    ["import a from 'x';", [{ ...one, specifier: 'x', kind: 'value' }]],
    ["import a, { type B } from './x.ts';", [{ ...one, specifier: './x.ts', kind: 'value' }]],
    ["import {\n  a,\n  b as c,\n} from './x.ts';", [{ ...one, specifier: './x.ts', kind: 'value' }]],
    ["import{a}from'./x.ts'", [{ ...one, specifier: './x.ts', kind: 'value' }]],
    ["import * as all from 'x';", [{ ...one, specifier: 'x', kind: 'value' }]],
    ["import type { A } from 'x';", [{ ...one, specifier: 'x', kind: 'type' }]],
    // verbatimModuleSyntax keeps this one: the module is loaded.
    ["import { type A } from 'x';", [{ ...one, specifier: 'x', kind: 'value' }]],
    ["import './x.ts';", [{ specifier: './x.ts', kind: 'value', reexports: false, bare: true }]],
    ["export * from './x.ts';", [{ specifier: './x.ts', kind: 'value', reexports: true, bare: false }]],
    ["export type { A } from './x.ts';", [{ specifier: './x.ts', kind: 'type', reexports: true, bare: false }]],
    ["const a = await import('x');", [{ ...one, specifier: 'x', kind: 'lazy' }]],
    ['const a = await import(name);', [{ ...one, specifier: '?', kind: 'lazy' }]],
    ["const re = /'/;\nimport a from 'x';", [{ ...one, specifier: 'x', kind: 'value' }]],
    [`const t = \`a \${f({ b: \`c\` })} '\`;\nimport a from 'x';`, [{ ...one, specifier: 'x', kind: 'value' }]],
    ["// import a from 'x';\n/* import a from 'x'; */", []],
    ["const s = \"import a from 'x'\";\nconst t = `import a from 'x'`;", []],
    ["export const from = 'x';\nexport { from };", []],
    ["const a = import.meta.url + 'x';", []],
  ])('%s', (source, expected) => {
    expect(importsOf(source)).toEqual(expected);
  });

  test('blanking keeps every offset and line', () => {
    const source = `const a = 1 / 2; // half\nconst b = /[/"]/g.test(\`x\${a / b}y\`) ? "/*" : '*/';\n`;
    const code = codeOnly(source);
    expect(code.length).toBe(source.length);
    expect(code).toBe(`const a = 1 / 2;        \nconst b = /    /g.test(\` \${a / b} \`) ? "  " : '  ';\n`);
  });
});

describe('planted breaches are found', () => {
  const PACKAGE: Package = { entries: ['src/index.ts', 'src/pii.ts'], packages: ['@noble/hashes', 'express', 'other'] };
  const CLEAN: Readonly<Record<string, string>> = {
    'src/guard.ts': "import type { Decision } from './decide.ts';\nexport const PASS = 1;\n",
    'src/decide.ts': "import { PASS } from './guard.ts';\nexport interface Decision { readonly kind: typeof PASS }\n",
    'src/index.ts': "export { PASS } from './guard.ts';\nexport { pii } from './guards/pii/guard.ts';\n",
    'src/pii.ts': "export { pii } from './guards/pii/guard.ts';\n",
    'src/guards/pii/guard.ts':
      "import { sha256 } from '@noble/hashes/sha2.js';\nimport { PASS } from '../../guard.ts';\n",
    'src/guards/vrf/guard.ts': "import { PASS } from '../../guard.ts';\n",
    'src/pcs/preset.ts': "import { pii } from '../guards/pii/guard.ts';\n",
    'src/ledger/record.ts': "import { PASS } from '../guard.ts';\n",
    'src/tenancy/tenant.ts': "import { PASS } from '../guard.ts';\n",
    'middleware/express.ts': "import express from 'express';\nimport { PASS } from '../src/guard.ts';\n",
    'gateway/app.ts': "import { createServer } from 'node:http';\nimport { gate } from '../middleware/express.ts';\n",
    'cli/main.ts': "import process from 'node:process';\nimport { app } from '../gateway/app.ts';\n",
    'client/client.ts': "import { PASS } from '../src/guard.ts';\n",
  };

  function planted(path: string, source: string): readonly string[] {
    return breaches(new Map(Object.entries({ ...CLEAN, [path]: `${CLEAN[path] ?? ''}${source}\n` })), PACKAGE);
  }

  test('nothing planted, nothing found', () => {
    expect(breaches(new Map(Object.entries(CLEAN)), PACKAGE)).toEqual([]);
  });

  test.each<[string, string, string]>([
    ['src/decide.ts', "import { readFile } from 'node:fs';", 'src/decide.ts imports node:fs: only Node has it'],
    ['client/client.ts', "import 'node:http';", 'client/client.ts imports node:http: only Node has it'],
    ['src/decide.ts', 'const b = Buffer.from([]);', 'src/decide.ts uses Buffer: not web-standard'],
    ['src/decide.ts', 'const env = process.env;', 'src/decide.ts uses process: not web-standard'],
    ['src/decide.ts', 'const p = globalThis.process;', 'src/decide.ts uses globalThis.process: not web-standard'],
    ['src/decide.ts', "const p = globalThis['process'];", 'src/decide.ts uses globalThis[: not web-standard'],
    ['client/client.ts', 'let x: NodeJS.Timeout;', 'client/client.ts uses NodeJS: not web-standard'],
    ['src/pcs/preset.ts', "import express from 'express';", 'imports express: src has no packages but @noble'],
    ['src/pcs/preset.ts', "import type { A } from 'other/x';", 'imports other/x: src has no packages but @noble'],
    ['client/client.ts', "import { a } from 'other';", 'imports other: the client has no packages'],
    ['cli/main.ts', "import express from 'express';", 'imports express: frameworks stay in middleware and gateway'],
    ['gateway/app.ts', "import { a } from 'lodash';", 'imports lodash: not a dependency or peer dependency'],
    [
      'src/guards/vrf/guard.ts',
      "import type { Pii } from '../pii/guard.ts';",
      'imports src/guards/pii/guard.ts: guards/vrf must not know guards/pii',
    ],
    ['src/decide.ts', "import { a } from './guards/pii/guard.ts';", 'core must not know guards/pii'],
    ['src/decide.ts', "import type { A } from './pcs/preset.ts';", 'core must not know pcs'],
    ['src/guard.ts', "import { a } from './tenancy/tenant.ts';", 'core must not know tenancy'],
    ['src/guard.ts', "import { a } from './ledger/record.ts';", 'core must not know ledger'],
    ['src/guards/pii/guard.ts', "import { a } from '../../pcs/preset.ts';", 'guards/pii must not know pcs'],
    ['src/ledger/record.ts', "import { a } from '../pcs/preset.ts';", 'ledger must not know pcs'],
    ['src/pcs/preset.ts', "import { a } from '../../middleware/express.ts';", 'pcs must not know middleware'],
    ['src/guard.ts', "import { a } from '../gateway/app.ts';", 'core must not know gateway'],
    ['src/index.ts', "import { a } from '../cli/main.ts';", 'entry must not know cli'],
    ['middleware/express.ts', "import { a } from '../src/guards/pii/guard.ts';", 'middleware must not know guards/pii'],
    ['middleware/express.ts', "import { a } from '../gateway/app.ts';", 'middleware must not know gateway'],
    ['gateway/app.ts', "import { a } from '../cli/main.ts';", 'gateway must not know cli'],
    ['src/pcs/preset.ts', "import { pii } from '../pii.ts';", 'imports src/pii.ts: public entries are for users'],
    ['src/index.ts', "export { pii as p } from './pii.ts';", 'imports src/pii.ts: public entries are for users'],
    ['src/guards/pii/index.ts', "export { pii } from './guard.ts';", 'src/guards/pii/index.ts is a barrel'],
    ['src/decide.ts', "import './guard.ts';", 'imports ./guard.ts for its side effects'],
    ['src/decide.ts', "const a = await import('./guard.ts');", 'imports ./guard.ts lazily'],
    ['src/decide.ts', 'const a = await import(name);', 'imports ? lazily'],
    ['src/decide.ts', "import { a } from './gone.ts';", 'imports src/gone.ts: leads nowhere'],
    ['src/guards/vrf/guard.ts', "import k from './kernel.wasm';", 'kernel.wasm: only workerd loads it'],
    ['src/decide.ts', 'export default PASS;', 'src/decide.ts has a default export'],
    ['cli/main.ts', 'export { app as default };', 'cli/main.ts has a default export'],
    ['src/new/thing.ts', 'export const a = 1;', 'src/new/thing.ts is in a folder without a rule'],
    ['src/guard.ts', "import { b } from './decide.ts';", 'cycle: src/decide.ts -> src/guard.ts -> src/decide.ts'],
  ])('%s: %s', (path, source, expected) => {
    expect(planted(path, source)).toContainEqual(expect.stringContaining(expected));
  });

  test.each<[string, string]>([
    ['src/decide.ts', "// Buffer, process\nconst a = 'Buffer, process';\nconst b = a.process;\nconst processed = 1;"],
    ['src/guard.ts', "// import './gone.ts'; export default 1"],
    ['gateway/app.ts', 'const b = Buffer.from([]);'],
    ['src/guards/pii/guard.ts', "import { a } from './scan.ts';\n"],
  ])('%s may: %s', (path, source) => {
    expect(planted(path, source).filter((line) => !line.endsWith('leads nowhere'))).toEqual([]);
  });
});
