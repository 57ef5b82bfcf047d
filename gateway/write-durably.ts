import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from './durable-file.ts';

/** `tenants.json.1a2b3c4d5e6f7081.new`: written, and not yet in the place of the file; a crash may leave one. */
export const UNFINISHED: RegExp = /\.[0-9a-f]{16}\.new$/;

/**
 * Puts a whole file in its place: it is written under another name, synced, renamed, and the directory synced. Where that
 * fails, what was there before is there still, unless the very last step failed.
 *
 * @param mode permissions of the new file. Default only the owner's
 * @throws what the system says
 *
 * @example
 * await writeDurably('data/state.json', JSON.stringify(state));
 */
export async function writeDurably(path: string, text: string, mode = 0o600): Promise<void> {
  const unfinished = `${path}.${randomBytes(8).toString('hex')}.new`;
  try {
    const handle = await open(unfinished, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    throw error;
  }
  await syncDirectory(dirname(path));
}
