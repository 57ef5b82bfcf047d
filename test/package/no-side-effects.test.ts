import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { WORKERD_ONLY } from './rules.ts';
import { codeOnly } from './source.ts';
import { modulesIn, ROOT, readFrom } from './tree.ts';

/** Workers refuse timers, randomness and compilation in global scope, and nobody expects an import to do anything. */

interface Probed {
  readonly loaded: number;
  readonly failed: readonly string[];
  /** `file: what it called`, for calls with a file of the folder on the stack. */
  readonly calls: readonly string[];
}

async function probe(folder: string, files: readonly string[]): Promise<Probed> {
  const args = ['--import', 'tsx', join(ROOT, 'test/package/probe.ts'), folder, ...files];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, timeout: 60_000 });
  return JSON.parse(stdout) as Probed;
}

describe('importing a module of src does nothing', () => {
  const files = modulesIn('src');
  // Here it would not load; test/runtime loads it where it belongs.
  const loadable = files.filter((path) => path !== WORKERD_ONLY);

  test('no timer, clock, randomness, cryptography, compilation, network, log line or environment', async () => {
    const { loaded, failed, calls } = await probe(
      join(ROOT, 'src/'),
      loadable.map((path) => join(ROOT, path)),
    );
    expect(failed).toEqual([]);
    expect(loaded).toBe(files.length - 1);
    expect(loaded).toBeGreaterThan(80);
    expect(calls).toEqual([]);
  });

  test('a module has declarations at its top level, and no state', () => {
    expect(files.flatMap((path) => atTopLevel(readFrom(path)).map((found) => `${path}: ${found}`))).toEqual([]);
  });
});

const DECLARATION =
  /^(?:import|export (?:type|interface|const|function|async function|class|abstract class|\{|\*)|const|function|async function|class|interface|type)\b|^export [{*]/;
/** An empty container that somebody fills. A WeakMap is none: it keeps private what belongs to objects of others. */
const STATE = /^(?:export )?const \w+[^=]*= (?:new (?:Map|Set)(?:<[^;=]*>)?\(\);|\[\];|\{\};)/;

/** Statements at the top level that are no declarations, and containers to be filled. Formatted source only. */
function atTopLevel(source: string): readonly string[] {
  return codeOnly(source)
    .split('\n')
    .filter((line) => /^[^\s})\]>`]/.test(line))
    .filter((line) => !DECLARATION.test(line) || STATE.test(line));
}

describe('the check itself', () => {
  const made: string[] = [];
  afterAll(async () => {
    for (const folder of made) await rm(folder, { recursive: true });
  });

  async function probeSource(source: string): Promise<Probed> {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-probe-'));
    made.push(folder);
    const file = join(folder, 'planted.ts');
    await writeFile(file, source);
    return probe(`${folder}/`, [file]);
  }

  test('what a module does while it loads is seen, now or later', async () => {
    const wasm = 'new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])';
    const { failed, calls } = await probeSource(`
      const timer: unknown = setTimeout(() => {}, 0);
      setInterval(() => {}, 1_000);
      setImmediate(() => console.log);
      queueMicrotask(() => Math.random());
      fetch('data:,x').catch(() => {});
      crypto.getRandomValues(new Uint8Array(1));
      crypto.randomUUID();
      crypto.subtle.digest('SHA-256', new Uint8Array(1));
      WebAssembly.compile(${wasm});
      WebAssembly.instantiate(${wasm});
      const at: number = Date.now() + performance.now();
      const today = new Date();
      const fixed = new Date(0);
      const compiled = [new WebAssembly.Module(${wasm}), new Function('return 1')];
      const home = process.env.HOME;
      console.error('');
      export const used: unknown = [timer, at, today, fixed, compiled, home];
    `);
    expect(failed).toEqual([]);
    expect(calls.map((call) => call.replace('planted.ts: ', '')).sort()).toEqual(
      [
        'Date.now',
        'Math.random',
        'WebAssembly.compile',
        'WebAssembly.instantiate',
        'console.error',
        'crypto.getRandomValues',
        'crypto.randomUUID',
        'crypto.subtle.digest',
        'fetch',
        'new Date',
        'new Function',
        'new WebAssembly.Module',
        'performance.now',
        'process.env',
        'queueMicrotask',
        'setImmediate',
        'setInterval',
        'setTimeout',
      ].sort(),
    );
  });

  test('a module that only declares is not accused, whatever its functions would do', async () => {
    const { loaded, calls } = await probeSource(`
      export const TTL_MS = 1_000;
      export const later = (): unknown => setTimeout(() => Math.random(), Date.now());
    `);
    expect([loaded, calls]).toEqual([1, []]);
  });

  test('a module that fails to load is named', async () => {
    expect((await probeSource("throw new Error('no');")).failed).toEqual([expect.stringContaining('planted.ts: no')]);
  });

  test.each([
    'let count = 0;',
    'var count = 0;',
    'setUp();',
    'for (const name of NAMES) add(name);',
    'if (isNode) patch();',
    'await ready;',
    'const cache = new Map<string, number>();',
    'const seen: Set<string> = new Set();',
    'export const found: string[] = [];',
  ])('top level, found: %s', (line) => {
    expect(atTopLevel(`import { a } from './a.ts';\n\n${line}\n`).length).toBe(1);
  });

  test.each([
    "import { a } from './a.ts';",
    "export * from './a.ts';",
    "export { a } from './a.ts';",
    'export const A = 1;',
    'const NAMES: ReadonlySet<string> = new Set([\n  "a",\n]);',
    'const text = `\nlet count = 0;\n`;',
    '/*\nlet count = 0;\n*/',
    'export async function f(): Promise<void> {\n  let count = 0;\n}',
    'export class E extends Error {\n  readonly a = new Map();\n}',
    'const KEYS = new WeakMap<object, string>();',
    'type A = {\n  a: string;\n};',
    'interface A {\n  a: string;\n}',
  ])('top level, fine: %s', (source) => {
    expect(atTopLevel(source)).toEqual([]);
  });
});
