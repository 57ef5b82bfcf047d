import { emit } from './emit.ts';
import type { Char, CharSet, Node } from './syntax.ts';

/**
 * Work of which a pattern may make an engine do at most, on four thousand characters made to hurt: positions of the pattern
 * that are possible at once, added up over all sets of them that are new. An engine builds one state for each such set;
 * re2-wasm takes some 5 µs a position.
 */
export const MAX_TRIAL_WORK = 10_000;

const BLOCKS = 32;
const BLOCK_LENGTH = 128;
/** Kinds of characters that the trial's text is made of. */
const MOST_SYMBOLS = 24;

/**
 * Runs a pattern as a set of positions on a text of its own characters, always the same. It is no proof, but what makes
 * the number of states explode does it here too: `[ab]*a[ab]{20}`.
 *
 * @returns the work, which is counted up to a little more than {@link MAX_TRIAL_WORK}
 */
export function trialWork(node: Node): number {
  const { leaves, first, follow } = positionsOf(node);
  const symbols = symbolsOf(leaves);
  const seen = new Set<string>();
  let work = 0;
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (seed >>> 8) % below;
  };
  let active: ReadonlySet<number> = new Set();
  for (let block = 0; block < BLOCKS; block++) {
    // In turn: what the pattern waits for most, the two that it does, any two, all.
    const two = [random(symbols.length), random(symbols.length)].map((at) => symbols[at]!);
    const drawn = [symbols.slice(0, 1), symbols.slice(0, 2), two, symbols.slice(0, 2), symbols][block % 5]!;
    for (let i = 0; i < BLOCK_LENGTH; i++) {
      const symbol = drawn[random(drawn.length)]!;
      const next = new Set<number>();
      for (const to of first) if (symbol[to]) next.add(to);
      for (const from of active) for (const to of follow[from]!) if (symbol[to]) next.add(to);
      active = next;
      const key = [...next].sort((a, b) => a - b).join();
      if (seen.has(key)) continue;
      seen.add(key);
      work += next.size;
      if (work > MAX_TRIAL_WORK) return work;
    }
  }
  return work;
}

type Leaf = Char | CharSet;

interface Positions {
  /** What each position matches. */
  readonly leaves: readonly Leaf[];
  /** Positions that a match may begin with. */
  readonly first: readonly number[];
  /** Positions that may come after each. */
  readonly follow: readonly ReadonlySet<number>[];
}

interface Ends {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly canBeEmpty: boolean;
}

const NOTHING: Ends = { first: [], last: [], canBeEmpty: true };

/** The positions of a pattern and which may follow which (Glushkov's construction), repetitions counted out. */
function positionsOf(root: Node): Positions {
  const leaves: Leaf[] = [];
  const follow: Set<number>[] = [];

  function link(from: readonly number[], to: readonly number[]): void {
    for (const a of from) for (const b of to) follow[a]!.add(b);
  }

  function sequence(a: Ends, b: Ends): Ends {
    link(a.last, b.first);
    return {
      first: a.canBeEmpty ? [...a.first, ...b.first] : a.first,
      last: b.canBeEmpty ? [...a.last, ...b.last] : b.last,
      canBeEmpty: a.canBeEmpty && b.canBeEmpty,
    };
  }

  function repeated(of: Node, min: number, max: number): Ends {
    if (max === 0) return NOTHING;
    if (max === Number.POSITIVE_INFINITY) {
      const before = Array.from({ length: Math.max(0, min - 1) }, () => ends(of));
      const loop = ends(of);
      link(loop.last, loop.first);
      return [...before, { ...loop, canBeEmpty: loop.canBeEmpty || min === 0 }].reduce(sequence, NOTHING);
    }
    // x{1,3} is x(x(x)?)?: from the inside out.
    let rest = NOTHING;
    for (let i = max; i > min; i--) rest = { ...sequence(ends(of), rest), canBeEmpty: true };
    for (let i = min; i > 0; i--) rest = sequence(ends(of), rest);
    return rest;
  }

  function ends(node: Node): Ends {
    switch (node.kind) {
      case 'assertion':
        return NOTHING;
      case 'concat':
        return node.parts.map(ends).reduce(sequence, NOTHING);
      case 'either': {
        const all = node.parts.map(ends);
        return {
          first: all.flatMap(({ first }) => first),
          last: all.flatMap(({ last }) => last),
          canBeEmpty: all.some(({ canBeEmpty }) => canBeEmpty),
        };
      }
      case 'repeat':
        return repeated(node.of, node.min, node.max);
      default: {
        const at = leaves.push(node) - 1;
        follow.push(new Set());
        return { first: [at], last: [at], canBeEmpty: false };
      }
    }
  }

  const { first } = ends(root);
  return { leaves, first, follow };
}

/** For one character of each kind that the pattern tells apart: which positions match it; most of them first. */
function symbolsOf(leaves: readonly Leaf[]): readonly Uint8Array[] {
  const tests = new Map<Leaf, RegExp>(leaves.map((leaf) => [leaf, testOf(leaf)]));
  const codes = new Set<number>([0x0a, 0x20, 0x2d, 0x35, 0x5a, 0x61, 0xe9, 0x4e2d]);
  for (const leaf of tests.keys()) {
    if (leaf.kind === 'char') codes.add(leaf.code);
    else
      for (const [first, last] of leaf.ranges)
        codes
          .add(first)
          .add(last)
          .add(last + 1);
  }
  const kinds = new Map<string, Uint8Array>();
  for (const code of codes) {
    if (code > 0x10ffff || kinds.size === MOST_SYMBOLS) continue;
    const char = String.fromCodePoint(code);
    const verdicts = new Map([...tests].map(([leaf, test]) => [leaf, test.test(char)]));
    const symbol = Uint8Array.from(leaves, (leaf) => (verdicts.get(leaf) ? 1 : 0));
    kinds.set(symbol.join(''), symbol);
  }
  const count = (symbol: Uint8Array): number => symbol.reduce((sum, is) => sum + is, 0);
  return [...kinds.values()].sort((a, b) => count(b) - count(a));
}

/** A leaf as an expression of the platform's. */
function testOf(leaf: Leaf): RegExp {
  return new RegExp(`^${emit(leaf).replaceAll('\\x{', '\\u{')}$`, 'u');
}
