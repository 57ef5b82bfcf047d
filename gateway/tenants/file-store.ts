import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ConfigError } from '../../src/errors.ts';
import { lockDirectory } from '../directory-lock.ts';
import { errorKind } from '../log.ts';
import { parseSettings } from '../settings-file.ts';
import { UNFINISHED, writeDurably } from '../write-durably.ts';
import { generationOf, type StoredTenant, type TenantStore } from './store.ts';

/** What errors call the file. */
export const STORE_FILE = 'TENANTS_STORE_FILE';

const REMEDY = 'the file must be one that this gateway wrote: give another path, or restore it';

/**
 * Keeps tenants in one JSON file, a tenant a line, for one process: it claims the file's directory. A change writes the
 * file anew beside the old one, syncs it and puts it in its place, so that a crash leaves the old file or the new
 * one. Only its owner may read it, as keys stand in it. Time and space of a change are linear in all tenants.
 *
 * @throws {ConfigError} naming the variable: a directory in use, a file that cannot be read or is none of ours.
 *
 * @example
 * const store = await openTenantFile('data/tenants.json');
 * await store.save({ spec: { id: 'acme', keys: 'none' }, revision: 1, updatedAt: new Date().toISOString() }, 0);
 */
export async function openTenantFile(path: string): Promise<TenantStore> {
  const file = resolve(path);
  const unlock = await lockDirectory(STORE_FILE, dirname(file));
  const tenants = await start(file).catch(async (error) => {
    await unlock();
    throw error;
  });
  /** A tenant's line does not change with another tenant. */
  const lines = new Map([...tenants].map(([id, tenant]) => [id, JSON.stringify(tenant)]));
  let saving: Promise<unknown> = Promise.resolve();
  let healthy = true;

  async function save(tenant: StoredTenant, generation: number): Promise<boolean> {
    const { id } = tenant.spec;
    const isNext = tenant.revision === (tenants.get(id)?.revision ?? 0) + 1;
    if (!isNext || generation !== generationOf(tenants.values())) return false;
    const line = JSON.stringify(tenant);
    try {
      await writeDurably(file, textOf(new Map([...lines, [id, line]]).values()));
      healthy = true;
    } catch (error) {
      healthy = false;
      throw error;
    }
    tenants.set(id, tenant);
    lines.set(id, line);
    return true;
  }

  return {
    get healthy() {
      return healthy;
    },
    load: async () => [...tenants.values()],
    save(tenant, generation) {
      const saved = saving.then(() => save(tenant, generation));
      saving = saved.catch(() => {});
      return saved;
    },
    async close() {
      await saving;
      await unlock();
    },
  };
}

async function start(file: string): Promise<Map<string, StoredTenant>> {
  try {
    for (const name of await readdir(dirname(file))) {
      if (name.startsWith(basename(file)) && UNFINISHED.test(name)) await rm(join(dirname(file), name));
    }
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw unusable(file, error);
  }
  return readTenants(file);
}

/**
 * Reads the file without claiming its directory, beside a gateway at work.
 *
 * @throws {ConfigError} naming the variable, if it cannot be read or is none of ours.
 */
export async function readTenantFile(path: string): Promise<readonly StoredTenant[]> {
  return [...(await readTenants(resolve(path))).values()];
}

async function readTenants(file: string): Promise<Map<string, StoredTenant>> {
  try {
    return parse(await readFile(file));
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return new Map();
    if (error instanceof ConfigError) throw error;
    throw unusable(file, error);
  }
}

function unusable(file: string, error: unknown): ConfigError {
  return new ConfigError('PTC_E013', STORE_FILE, file, `give the path of a file to write (${errorKind(error)})`);
}

function parse(bytes: Uint8Array): Map<string, StoredTenant> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError('PTC_E011', STORE_FILE, {}, REMEDY);
  }
  const content = parseSettings(STORE_FILE, text) as { readonly tenants?: unknown } | null;
  const list: unknown = content?.tenants;
  if (!Array.isArray(list)) throw new ConfigError('PTC_E011', STORE_FILE, content, REMEDY);
  const tenants = new Map<string, StoredTenant>();
  list.forEach((entry: Partial<StoredTenant> | null, at) => {
    const { spec, revision, updatedAt } = entry ?? {};
    const isOne =
      typeof spec?.id === 'string' &&
      !tenants.has(spec.id) &&
      Number.isSafeInteger(revision) &&
      (revision as number) >= 1 &&
      typeof updatedAt === 'string';
    if (!isOne) throw new ConfigError('PTC_E011', `${STORE_FILE} tenants[${at}]`, entry, REMEDY);
    tenants.set(spec.id, { spec, revision: revision as number, updatedAt });
  });
  return tenants;
}

function textOf(lines: Iterable<string>): string {
  return `{"tenants":[\n${[...lines].join(',\n')}\n]}\n`;
}
