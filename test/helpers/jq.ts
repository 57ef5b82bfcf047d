import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';

/** `entry_hash` of each line as the stock tools give it: `jq -c 'del(.entry_hash)' | sha256sum`, jq asked once for all. */
export function jqHashes(lines: readonly string[]): readonly string[] {
  const { status, stdout, stderr } = spawnSync('jq', ['-c', 'del(.entry_hash)'], {
    input: lines.map((line) => `${line}\n`).join(''),
    maxBuffer: 1 << 30,
  });
  if (status !== 0) throw new Error(`jq failed: ${stderr}`);
  const hashes: string[] = [];
  for (let from = 0; from < stdout.length; ) {
    const end = stdout.indexOf(0x0a, from) + 1;
    hashes.push(createHash('sha256').update(stdout.subarray(from, end)).digest('hex'));
    from = end;
  }
  return hashes;
}
