import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from '../durable-file.ts';

/** Milliseconds that another place has to take a checkpoint. */
export const ANCHOR_TIMEOUT_MS = 10_000;

/** A place that the ledger's own machine cannot change afterwards. Takes one note; rejects if it did not take it. */
export type Anchor = (note: string, stop: AbortSignal) => Promise<void>;

/** Appends each note to a file, with an empty line behind it: on another disk, say, that is written once. */
export function fileAnchor(path: string): Anchor {
  return async (note) => {
    const handle = await open(path, 'a+', 0o600);
    try {
      const { size } = await handle.stat();
      const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, Math.max(0, size - 2));
      // What a crash cut off ends there, be it behind a line.
      const isTorn = size > 0 && buffer.toString('latin1') !== '\n\n';
      await handle.appendFile(`${isTorn ? '\n\n' : ''}${note}\n`);
      await handle.sync();
      if (size === 0) await syncDirectory(dirname(path));
    } finally {
      await handle.close();
    }
  };
}

/** POSTs each note as text; any 2xx takes it. Redirects are refused: they would lead it to a place nobody named. */
export function httpAnchor(url: string, fetchFrom: typeof fetch = fetch): Anchor {
  return async (note, stop) => {
    const answer = await fetchFrom(url, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: note,
      redirect: 'error',
      signal: AbortSignal.any([stop, AbortSignal.timeout(ANCHOR_TIMEOUT_MS)]),
    });
    await answer.body?.cancel();
    if (!answer.ok) throw Object.assign(new Error('not taken'), { code: `HTTP_${answer.status}` });
  };
}
