import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readEntries } from '../../scripts/api/entries.ts';
import { readApis, reportOf } from '../../scripts/api/report.ts';
import { tempDirectory } from '../helpers/temp.ts';
import { ROOT, readFrom } from './tree.ts';

/** A change of the public types is made on purpose: `npm run api` writes it down, and the diff shows it to who reviews. */
describe('the public types are those in etc/api', () => {
  const apis = readApis(readEntries());

  test.each(apis.map((api) => [api.entry.specifier, api] as const))('%s', (_name, api) => {
    expect(reportOf(api), 'if this is meant, run npm run api').toBe(readFrom(`etc/api/${api.entry.name}.md`));
  });

  test('of every entry, and of nothing else', async () => {
    expect(apis.length).toBeGreaterThan(10);
    expect((await readdir(join(ROOT, 'etc/api'))).sort()).toEqual(apis.map(({ entry }) => `${entry.name}.md`).sort());
  });

  test('every name is there once, with a declaration', () => {
    for (const { entry, names } of apis) {
      expect(names.length, entry.specifier).toBeGreaterThan(0);
      expect(new Set(names.map(({ name }) => name)).size).toBe(names.length);
      for (const { name, text } of names) expect(text).toContain(name);
    }
  });
});

describe('the report', () => {
  const FILES: Readonly<Record<string, string>> = {
    'index.d.ts': "export { a, type B, c as d } from './lib/a.js';\n",
    'other.d.ts': "import type { B } from './lib/a.js';\nexport declare function takes(b: B): void;\n",
    'lib/a.d.ts': `import type { Request } from 'express';
import type { Hidden } from './hidden.js';
/** A comment that says { things; } */
export declare function a(hidden: Hidden): string;
export declare function a(hidden: Hidden, req: Request): number;
export interface B {
    /** Another. */
    readonly b: "/* no comment */" | 'Unused';
}
export declare const c = 5;
interface Unused {
    readonly u: string;
}
`,
    'lib/hidden.d.ts': 'export interface Hidden {\n    readonly h: number;\n}\n',
  };

  async function report(changed: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
    const folder = await tempDirectory();
    for (const [path, text] of Object.entries({ ...FILES, ...changed })) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const entries = ['index', 'other'].map((name) => {
      return { name, specifier: `it/${name}`, js: '', types: join(folder, `${name}.d.ts`) };
    });
    return readApis(entries).map(reportOf);
  }

  test('shows what is exported and what that mentions, in order, without comments', async () => {
    const [first, second] = await report();
    expect(first).toContain(`## Exports

\`\`\`ts
interface B {
  readonly b: "/* no comment */" | 'Unused';
}
function a(hidden: Hidden): string;
function a(hidden: Hidden, req: Request): number;
const c = 5; // as d
\`\`\`

## Mentioned, exported nowhere

\`\`\`ts
interface Hidden {
  readonly h: number;
}
\`\`\`

## Mentioned, declared elsewhere

- express: Request
`);
    expect(second).toContain('- it/index: B\n');
  });

  test('changes with a type that nobody exports, and not with a comment', async () => {
    const [first] = await report();
    const hidden = FILES['lib/hidden.d.ts'] as string;
    expect((await report({ 'lib/hidden.d.ts': `/** New. */\n${hidden}` }))[0]).toBe(first);
    expect((await report({ 'lib/hidden.d.ts': hidden.replace('number', 'string') }))[0]).not.toBe(first);
  });

  test('is not made of what cannot be read', async () => {
    await expect(report({ 'index.d.ts': "export * from './lib/a.js';\n" })).rejects.toThrow('cannot read');
    await expect(report({ 'index.d.ts': "export { z } from './lib/a.js';\n" })).rejects.toThrow('has no z');
    await expect(report({ 'index.d.ts': "export { a } from './gone.js';\n" })).rejects.toThrow('not there');
  });
});
