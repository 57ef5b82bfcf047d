import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { importsOf } from '../package/source.ts';
import { ROOT, readFrom } from '../package/tree.ts';
import { blocks, pages } from './markdown.ts';

/** `portcullis/pii` to the module that it is built from. */
const MODULES: ReadonlyMap<string, string> = new Map(
  Object.entries(JSON.parse(readFrom('package.json')).exports as Record<string, { default?: string }>).flatMap(
    ([path, { default: built }]) =>
      built === undefined
        ? []
        : [[path.replace('.', 'portcullis'), built.replace('./dist/', '').replace(/\.js$/, '.ts')] as const],
  ),
);

const EXAMPLES = pages().flatMap((path) =>
  blocks(readFrom(path), 'ts').map((code, at) => [`${path}, example ${at + 1}`, code] as const),
);

/** Names that an example imports from a module: `import { a, type B as C } from 'x'` gives a and B. */
function namesFrom(code: string): readonly (readonly [specifier: string, name: string])[] {
  const found = code.matchAll(/import (?:type )?\{([^}]*)\} from '([^']+)'/g);
  return [...found].flatMap(([, names = '', specifier = '']) =>
    names
      .split(',')
      .map(
        (name) =>
          name
            .trim()
            .replace(/^type /, '')
            .split(' as ')[0] ?? '',
      )
      .filter((name) => name !== '')
      .map((name) => [specifier, name] as const),
  );
}

/** Prints what an example prints, with `portcullis` read from the sources. */
async function run(code: string): Promise<string> {
  const linked = code.replaceAll(/from '(portcullis[^']*)'/g, (_all, specifier: string) => {
    return `from '${pathToFileURL(join(ROOT, MODULES.get(specifier) ?? '')).href}'`;
  });
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-docs-'));
  try {
    const file = join(folder, 'example.mts');
    await writeFile(file, linked);
    return (await promisify(execFile)(process.execPath, ['--import', 'tsx', file], { cwd: ROOT })).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('examples in the documentation', () => {
  test.each(EXAMPLES)('%s: imports what the package exports', (_name, code) => {
    for (const { specifier } of importsOf(code)) {
      if (specifier.startsWith('portcullis')) expect([...MODULES.keys()]).toContain(specifier);
    }
    for (const [specifier, name] of namesFrom(code)) {
      const module = MODULES.get(specifier);
      if (module !== undefined) expect(readFrom(module), `${specifier} exports ${name}`).toMatch(exporting(name));
    }
  });

  const printing = EXAMPLES.filter(([, code]) => /^console\.log\(.*\); \/\/ /m.test(code));

  test('the page of the gate has one that prints', () => {
    expect(printing.map(([name]) => name)).toContain('docs/gate.md, example 1');
  });

  test.each(printing)('%s: prints what it says', async (_name, code) => {
    const expected = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => line);
    expect((await run(code)).trimEnd().split('\n')).toEqual(expected);
  });
});

/** The name in an export list, or declared and exported. */
function exporting(name: string): RegExp {
  return new RegExp(
    `export (?:type )?\\{[^}]*\\b${name}\\b[^}]*\\}|export (?:async )?(?:function|const|interface|type|class) ${name}\\b`,
  );
}

test('the page of the gate lists every option and every member of a guard', () => {
  const page = readFrom('docs/gate.md');
  const source = (path: string, name: string): readonly string[] => {
    const body = new RegExp(`export interface ${name} \\{\\n(.*?)^\\}`, 'ms').exec(readFrom(path))?.[1] ?? '';
    return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map(([, member = '']) => member);
  };
  const options = source('src/gate.ts', 'GateOptions');
  const members = source('src/guard.ts', 'Guard');
  expect(options).toContain('guards');
  expect(members).toContain('inspect');
  for (const name of [...options, ...members]) expect(page).toMatch(new RegExp(`^\\| \`${name}\\b`, 'm'));
});
