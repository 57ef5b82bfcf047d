import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncDirectory } from './durable-file.ts';

/**
 * Puts a whole file in its place, or leaves what was there: it is written under another name, synced, renamed, and
 * the directory synced. One writer at a time for each path.
 *
 * @param mode permissions of the new file. Default only the owner's
 *
 * @example
 * await writeDurably('data/state.json', JSON.stringify(state));
 */
export async function writeDurably(path: string, text: string, mode = 0o600): Promise<void> {
  const unfinished = join(dirname(path), `.${basename(path)}.tmp`);
  // A crash may have left one, and one that is read-only cannot be opened again.
  await rm(unfinished, { force: true });
  const handle = await open(unfinished, 'wx', mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, path);
  await syncDirectory(dirname(path));
}
