import { sha256Hex } from '../sha256.ts';

/**
 * The id of a record: SHA-256 of UTF-8 `merkle_root|epoch|shard_id`, as 64 lower-case hex. A merkle root is hex and
 * an epoch decimal, so neither can hold the separator and no two triples share a text.
 *
 * @example
 * pcsId('96875c47a824f4cd6203f87da38c3b903550d1db574ce279ad65f787be37c359', 1, 'test-shard-001');
 * // 'ee69f7b2dd5ad8e1f3a4c407aca789ae0d74b47d1d34c09b28a2fc3b5148ed6e'
 */
export function pcsId(merkleRoot: string, epoch: number, shardId: string): string {
  return sha256Hex(`${merkleRoot}|${epoch}|${shardId}`);
}
