import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compressionRatio, merkleRoot } from '../../../src/pcs/agent/commitment.ts';
import { readFixture } from '../sample.ts';

const sha = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');
const data = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) % 256);

describe('merkleRoot', () => {
  interface Root {
    chunkBytes: number;
    length: number;
    root: string;
  }

  it.each(readFixture<{ merkle: { roots: Root[] } }>('agent.json').merkle.roots)(
    'agrees with Python: $length bytes in chunks of $chunkBytes',
    ({ chunkBytes, length, root }) => {
      expect(merkleRoot(data.subarray(0, length), chunkBytes)).toBe(root);
    },
  );

  it('pairs an odd node with itself', () => {
    const [a, b, c] = [sha(data.subarray(0, 400)), sha(data.subarray(400, 800)), sha(data.subarray(800))];
    expect(merkleRoot(data, 400)).toBe(sha(sha(a + b) + sha(c + c)));
    expect(merkleRoot(data, 1000)).toBe(sha(data));
  });

  it('changes with any byte', () => {
    for (const at of [0, 399, 400, 999]) {
      const changed = data.slice();
      changed[at]! ^= 1;
      expect(merkleRoot(changed, 400)).not.toBe(merkleRoot(data, 400));
    }
  });
});

describe('compressionRatio', () => {
  it('is near 0 for a constant, at most 1 for noise, in zlib format', async () => {
    expect(await compressionRatio(new Uint8Array(100_000))).toBeLessThan(0.005);
    expect(await compressionRatio(crypto.getRandomValues(new Uint8Array(50_000)))).toBe(1);
    expect(await compressionRatio(new Uint8Array([7]))).toBe(1);
  });

  it('is close to what zlib makes of it at level 6', async () => {
    // python3 -c "import zlib; d='\n'.join(f'{i*7919%1000/10:g},{i},{i*i%97}' for i in range(2000)).encode();
    //             print(len(d), len(zlib.compress(d, 6)))"
    const text = Array.from({ length: 2000 }, (_, i) => `${((i * 7919) % 1000) / 10},${i},${(i * i) % 97}`).join('\n');
    const bytes = new TextEncoder().encode(text);
    expect(bytes.length).toBe(23_980);
    expect(Math.abs((await compressionRatio(bytes)) / (10_481 / 23_980) - 1)).toBeLessThan(0.03);
  });

  it('measures what inflates back to the data', async () => {
    const stream = new Blob([data]).stream().pipeThrough(new CompressionStream('deflate'));
    const compressed = new Uint8Array(await new Response(stream).arrayBuffer());
    expect(new Uint8Array(inflateSync(compressed))).toEqual(data);
    expect(await compressionRatio(data)).toBe(compressed.length / data.length);
  });

  it('takes more than a stream buffers', async () => {
    expect(await compressionRatio(new Uint8Array(8 << 20))).toBeLessThan(0.002);
  });
});
