import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Entry = Readonly<Record<string, unknown>>;

const SEGMENT = /^\d{4}\/\d{2}\/\d{2}\/(\d{6})(?:-(\d+))?\.jsonl$/;

/** Where the segments of a ledger are, oldest first. */
export async function segmentPaths(directory: string): Promise<string[]> {
  const names = await readdir(directory, { recursive: true }).catch(() => []);
  const order = (name: string): string => {
    const [, time = '', n = '0'] = SEGMENT.exec(name) ?? [];
    return `${name.slice(0, 10)}/${time}-${n.padStart(6, '0')}`;
  };
  return names
    .filter((name) => SEGMENT.test(name))
    .sort((a, b) => (order(a) < order(b) ? -1 : 1))
    .map((name) => join(directory, name));
}

/**
 * Every whole entry of a ledger. Follows the chain by itself, with nothing of the project's own code, and throws
 * where it does not hold.
 */
export async function readChain(directory: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  let previous = '0'.repeat(64);
  for (const path of await segmentPaths(directory)) {
    const text = await readFile(path, 'utf8');
    for (const [at, line] of text.split('\n').slice(0, -1).entries()) {
      const where = `${path} line ${at + 1}`;
      const entry = JSON.parse(line) as Entry;
      const bare = line.replace(/,"entry_hash":"[0-9a-f]{64}"\}$/, '}');
      const hash = createHash('sha256').update(`${bare}\n`).digest('hex');
      if (entry.entry_hash !== hash) throw new Error(`${where}: entry_hash is not that of the line`);
      if (entry.prev_hash !== previous) throw new Error(`${where}: prev_hash is not that of the entry before`);
      previous = hash;
      entries.push(entry);
    }
  }
  return entries;
}

/** The entries that are decisions, by decision id; throws where one stands twice without saying what it corrects. */
export function decisionsById(entries: readonly Entry[]): Map<string, Entry> {
  const byId = new Map<string, Entry>();
  for (const entry of entries) {
    if (entry.kind !== 'decision' || entry.corrects !== undefined) continue;
    const id = String(entry.decision_id);
    if (byId.has(id)) throw new Error(`decision ${id} is in the ledger twice`);
    byId.set(id, entry);
  }
  return byId;
}
