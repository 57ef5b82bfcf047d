import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf } from '../../package/source.ts';
import { readFrom } from '../../package/tree.ts';

/** Every module and package that a module loads, itself included. */
function loaded(path: string, seen: Set<string> = new Set()): ReadonlySet<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const { specifier, kind } of importsOf(readFrom(path))) {
    if (kind === 'type') continue;
    if (specifier.startsWith('.')) loaded(posix.join(posix.dirname(path), specifier), seen);
    else seen.add(specifier);
  }
  return seen;
}

describe('one suite alone', () => {
  const folder = 'src/guards/vrf';

  it.each(['ecvrf.ts', 'edwards25519-ell2.ts'])('%s loads nothing of P-256', (file) => {
    const modules = [...loaded(`${folder}/${file}`)];
    expect(modules).toContain('@noble/curves/ed25519.js');
    expect(modules.filter((path) => path.includes('p256') || path.includes('nist'))).toEqual([]);
  });

  it.each(['p256/tai.ts', 'p256/sswu.ts'])('%s loads nothing of edwards25519', (file) => {
    const modules = [...loaded(`${folder}/${file}`)];
    expect(modules).toContain('@noble/curves/nist.js');
    expect(modules.filter((path) => path.includes('ed25519') || path.includes('edwards'))).toEqual([]);
  });

  it('and no suite loads another', () => {
    const suites = ['ecvrf.ts', 'edwards25519-ell2.ts', 'p256/tai.ts', 'p256/sswu.ts'].map(
      (file) => `${folder}/${file}`,
    );
    for (const suite of suites) {
      expect(suites.filter((other) => other !== suite && loaded(suite).has(other))).toEqual([]);
    }
  });

  it('the guard loads the default suite only', () => {
    expect([...loaded(`${folder}/guard.ts`)].filter((path) => path.includes('p256') || path.includes('ell2'))).toEqual(
      [],
    );
  });
});
