import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** Packages of the peers, installed apart from the project's own: some of them bring a hundred others. */
const require = createRequire(pathToFileURL('bench/peers/package.json'));

/** Imports a peer's package; rejects if it is not installed. */
export async function loadPeer<T>(name: string): Promise<T> {
  const module = await import(pathToFileURL(require.resolve(name)).href);
  return module as T;
}
