import process from 'node:process';
import { lockDirectory } from '../../gateway/directory-lock.ts';

/** Run as a process of its own: claims the directories that its parent names, all at once, and says which it got. */
process.on('message', async (directories: string[]) => {
  const claims = directories.map((directory) =>
    lockDirectory('WAL_DIR', directory).then(
      () => 'held',
      (error: Error) => error.message,
    ),
  );
  process.send?.(await Promise.all(claims));
});
process.send?.('ready');
