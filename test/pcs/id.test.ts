import { describe, expect, it } from 'vitest';
import { pcsId } from '../../src/pcs/id.ts';

const ROOT = '96875c47a824f4cd6203f87da38c3b903550d1db574ce279ad65f787be37c359';

describe('pcsId', () => {
  // python3 -c "import hashlib; print(hashlib.sha256(b'<root>|<epoch>|<shard>').hexdigest())"
  it.each([
    [1, 'test-shard-001', 'ee69f7b2dd5ad8e1f3a4c407aca789ae0d74b47d1d34c09b28a2fc3b5148ed6e'],
    [9007199254740991, 'a:b', '869570e24555c54a68cb3b7ff894311374804357e4b74adc5e5ab843aaa15ec0'],
    [0, '-', '7b8d802076730dfb4eff13ff65b104e64080b0572f8b4f0451c35d0fb46735fe'],
  ])('epoch %d, shard %s', (epoch, shard, id) => {
    expect(pcsId(ROOT, epoch, shard)).toBe(id);
  });

  it('depends on every part', () => {
    const ids = [pcsId(ROOT, 1, 'a'), pcsId(ROOT, 1, 'b'), pcsId(ROOT, 2, 'a'), pcsId(ROOT.replace('9', '8'), 1, 'a')];
    expect(new Set(ids).size).toBe(4);
  });
});
