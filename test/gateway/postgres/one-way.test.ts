import { expect, test } from 'vitest';
import * as withTenant from '../../../gateway/postgres/with-tenant.ts';
import { FOLDERS, resolve } from '../../package/rules.ts';
import { importsOf } from '../../package/source.ts';
import { readSources } from '../../package/tree.ts';

/** `withTenant` and `withOperations` are the only way to query: whoever could pass them by would have no tenant. */

const sources = readSources(FOLDERS);

/** Files that import a module for its values. */
function importersOf(module: string): readonly string[] {
  return [...sources.keys()].filter((path) =>
    importsOf(sources.get(path) ?? '').some(
      ({ specifier, kind }) => kind !== 'type' && (resolve(path, specifier) ?? specifier) === module,
    ),
  );
}

/** Files whose import of a module names one of its exports. */
function importersOfName(module: string, name: string): readonly string[] {
  return importersOf(module).filter((path) => {
    const named = [...(sources.get(path) ?? '').matchAll(/import (?:type )?\{([^}]*)\} from '([^']+)'/g)];
    return named.some(([, names = '', specifier = '']) => {
      const isThis = resolve(path, specifier) === module;
      return isThis && names.split(',').some((one) => one.trim().split(' ')[0] === name);
    });
  });
}

test('each client is loaded by the one file that adapts it', () => {
  expect(importersOf('pg')).toEqual(['gateway/postgres/pg-lane.ts']);
  expect(importersOf('@electric-sql/pglite')).toEqual(['gateway/postgres/pglite-lane.ts']);
  for (const adapter of ['pg-lane', 'pglite-lane']) {
    expect(importersOf(`gateway/postgres/${adapter}.ts`)).toEqual(['gateway/postgres/connect.ts']);
  }
});

test('connections are reached by transactions of withTenant, by migrations, and by nobody else', () => {
  expect(importersOfName('gateway/postgres/connect.ts', 'laneOf')).toEqual([
    // Asks the server who it is logged in as, and which migrations it has.
    'gateway/postgres/identity.ts',
    'gateway/postgres/migrate.ts',
    'gateway/postgres/start.ts',
    // Listens, and does nothing else with it.
    'gateway/postgres/tenant-store.ts',
    'gateway/postgres/with-tenant.ts',
    // Probes do what no gateway does: look without a tenant, and change it within a transaction.
    'gateway/probes/fail-closed.ts',
    'gateway/probes/session.ts',
  ]);
  // Nobody takes the module as a whole either.
  for (const [path, source] of sources) expect(source, path).not.toMatch(/\* as \w+ from '[^']*connect\.ts'/);
});

test('what queries is withTenant and withOperations', () => {
  const functions = Object.entries(withTenant).filter(([, value]) => typeof value === 'function');
  expect(functions.map(([name]) => name).sort()).toEqual(['setTenant', 'withOperations', 'withTenant']);
});

test('statements are templates without holes, and no file calls the tag by hand', () => {
  for (const [path, source] of sources) {
    if (path === 'gateway/postgres/statement.ts') continue;
    for (const [, text = ''] of source.matchAll(/\bsql`([^`]*)`/g)) expect(text, path).not.toContain('${');
    expect(source, path).not.toMatch(/\bsql\(/);
  }
});

test('nobody else sets the tenant', () => {
  const setting = [...sources].filter(([, source]) =>
    /set_config\s*\(|set (?:local )?(?:app\.|\$\{TENANT_SETTING)/i.test(source),
  );
  expect(setting.map(([path]) => path)).toEqual(['gateway/postgres/with-tenant.ts']);
  expect(importersOfName('gateway/postgres/with-tenant.ts', 'setTenant')).toEqual(['gateway/probes/session.ts']);
});
