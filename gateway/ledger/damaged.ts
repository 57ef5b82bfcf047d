import { ConfigError } from '../../src/errors.ts';

/** PTC_E018: the ledger in a directory holds what no crash leaves, named in a few words without any entry's content. */
export function damaged(directory: string, what: string): ConfigError {
  const remedy = `${what}: look with portcullis ledger verify; until it is explained, start on another directory with another key`;
  return new ConfigError('PTC_E018', 'WORM_BASE_DIR', directory, remedy);
}
