import { posix } from 'node:path';
import { codeOnly, importsOf } from './source.ts';

/** Sources by path from the root of the repository: `src/gate.ts`. */
export type Sources = ReadonlyMap<string, string>;

export interface Package {
  /** Public modules of `src`: what `exports` of package.json points to. */
  readonly entries: readonly string[];
  /** Packages that code may import: dependencies and peer dependencies. */
  readonly packages: readonly string[];
}

/** Folders under the root that are shipped. */
export const FOLDERS = ['src', 'middleware', 'gateway', 'cli', 'client'] as const;

const FRAMEWORK = /^(?:express4?|fastify|hono|koa|h3|elysia|next|@(?:fastify|hono|nestjs|hapi)\/.*)$/;
const NOT_WEB_STANDARD =
  /(?<![.\w$])(?:Buffer|process|require|global|__dirname|__filename|setImmediate|clearImmediate|NodeJS)\b|\bglobalThis\s*\[|\bglobalThis\s*\??\.\s*(?:Buffer|process)\b/;
/** Optional engines of custom patterns: each package in the one file that adapts it. */
const ADAPTERS: Readonly<Record<string, string>> = { 'src/guards/pii/custom/re2js.ts': 're2js' };
/** Loads a package that only Node can load; reached from `portcullis/pii-re2` alone. */
const NODE_ONLY: ReadonlySet<string> = new Set(['src/guards/pii/custom/re2-instance.ts']);
/** The one module that loads WebAssembly as a module, which workerd does; Node and browsers do not, or not the same way. */
export const WORKERD_ONLY = 'src/guards/vrf/kernel-module-workerd.ts';
const DECLARATION = /^(?:export )?(?:const|function|async function|interface|class|type \w)/m;
const DEFAULT_EXPORT = /\bexport\s+default\b|\bas\s+default\b/;

/** Zones that a zone may import from, besides itself; `guards/x` stands for any one guard's folder. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  'guards/x': ['core'],
  ledger: ['core'],
  telemetry: ['core'],
  testing: ['core', 'guards/x', 'ledger', 'pcs'],
  tenancy: ['core', 'guards/x', 'pcs'],
  pcs: ['core', 'guards/x', 'ledger', 'tenancy', 'telemetry'],
  entry: ['core', 'guards/x', 'ledger', 'telemetry', 'testing', 'tenancy', 'pcs'],
  client: ['core'],
  middleware: ['core'],
  gateway: ['core', 'guards/x', 'ledger', 'telemetry', 'tenancy', 'pcs', 'middleware'],
  cli: ['core', 'guards/x', 'ledger', 'telemetry', 'tenancy', 'pcs', 'gateway', 'client'],
};

/** What breaks the layers, one line each: `src/a.ts imports src/b.ts: why not`. */
export function breaches(sources: Sources, { entries, packages }: Package): readonly string[] {
  const found: string[] = [];
  for (const [path, source] of sources) {
    const code = codeOnly(source);
    const zone = zoneOf(path, entries);
    const isNeutral = path.startsWith('src/') || path.startsWith('client/');
    const say = (what: string): unknown => found.push(`${path} ${what}`);
    if (!Object.hasOwn(MAY_IMPORT, kindOf(zone))) say('is in a folder without a rule: add it to MAY_IMPORT');
    if (DEFAULT_EXPORT.test(code)) say('has a default export');
    if (isNeutral && !NODE_ONLY.has(path) && NOT_WEB_STANDARD.test(code))
      say(`uses ${NOT_WEB_STANDARD.exec(code)?.[0]}: not web-standard`);
    const imports = importsOf(source);
    const isBarrel = imports.some(({ reexports }) => reexports) && !DECLARATION.test(code);
    if (isBarrel && path.startsWith('src/') && zone !== 'entry') say('is a barrel: import from where things are');
    for (const { specifier, kind, bare } of imports) {
      if (bare) say(`imports ${specifier} for its side effects`);
      if (kind === 'lazy' && isNeutral) say(`imports ${specifier} lazily`);
      const target = resolve(path, specifier);
      const breach =
        target === undefined ? ofPackage(path, specifier, packages) : ofFile(path, target, sources, entries);
      if (breach !== undefined) say(`imports ${target ?? specifier}: ${breach}`);
    }
  }
  return [...found, ...cycles(sources).map((cycle) => `cycle: ${cycle.join(' -> ')}`)];
}

/** The file that an import leads to; `undefined` for packages. */
export function resolve(path: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined;
}

function ofPackage(path: string, specifier: string, packages: readonly string[]): string | undefined {
  const isNeutral = path.startsWith('src/') || path.startsWith('client/');
  if (specifier.startsWith('node:')) return isNeutral && !NODE_ONLY.has(path) ? 'only Node has it' : undefined;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (!packages.includes(name)) return 'not a dependency or peer dependency';
  if (ADAPTERS[path] === name) return undefined;
  if (path.startsWith('src/')) return name.startsWith('@noble/') ? undefined : 'src has no packages but @noble';
  if (path.startsWith('client/')) return 'the client has no packages';
  if (FRAMEWORK.test(name) && !/^(?:middleware|gateway)\//.test(path))
    return 'frameworks stay in middleware and gateway';
  return undefined;
}

function ofFile(path: string, target: string, sources: Sources, entries: readonly string[]): string | undefined {
  if (target.endsWith('.wasm')) return path === WORKERD_ONLY ? undefined : 'only workerd loads it';
  if (!sources.has(target)) return 'leads nowhere';
  const from = zoneOf(path, entries);
  const to = zoneOf(target, entries);
  if (from === to && from !== 'entry') return undefined;
  if (to === 'entry') return 'public entries are for users';
  return MAY_IMPORT[kindOf(from)]?.includes(kindOf(to)) ? undefined : `${from} must not know ${to}`;
}

/** Where a file stands in the layers: `core`, `entry`, `guards/pii`, `pcs`, `gateway`. */
export function zoneOf(path: string, entries: readonly string[]): string {
  const [folder = '', second = '', third = ''] = path.split('/');
  if (folder !== 'src') return folder;
  if (entries.includes(path)) return 'entry';
  if (second.endsWith('.ts')) return 'core';
  return second === 'guards' ? `guards/${third}` : second;
}

function kindOf(zone: string): string {
  return zone.startsWith('guards/') ? 'guards/x' : zone;
}

/** Cycles of imports that exist at run time; each once, starting at its alphabetically first file. */
function cycles(sources: Sources): readonly (readonly string[])[] {
  const edges = new Map<string, readonly string[]>();
  for (const [path, source] of sources) {
    const values = importsOf(source).filter(({ kind }) => kind === 'value');
    edges.set(
      path,
      values.flatMap(({ specifier }) => resolve(path, specifier) ?? []),
    );
  }
  const found = new Map<string, readonly string[]>();
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) {
      const ring = trail.slice(at);
      const first = ring.indexOf([...ring].sort()[0] ?? '');
      const turned = [...ring.slice(first), ...ring.slice(0, first)];
      found.set(turned.join(), [...turned, turned[0] ?? '']);
      return;
    }
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of [...edges.keys()].sort()) visit(path, []);
  return [...found.values()];
}
