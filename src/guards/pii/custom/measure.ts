import { MAX_REPETITION } from './parse.ts';
import { type CharSet, type Node, PatternRefusal } from './syntax.ts';

/** How long a match can be, in UTF-16 code units. */
export interface Lengths {
  readonly min: number;
  /** `Infinity` if there is no bound. */
  readonly max: number;
}

const EITHER_LENGTH: Lengths = { min: 1, max: 2 };

export function lengthsOf(node: Node): Lengths {
  switch (node.kind) {
    case 'char': {
      const length = node.code > 0xffff ? 2 : 1;
      return { min: length, max: length };
    }
    case 'set':
      return setLengths(node);
    case 'assertion':
      return { min: 0, max: 0 };
    case 'concat': {
      const all = node.parts.map(lengthsOf);
      return { min: all.reduce((sum, { min }) => sum + min, 0), max: all.reduce((sum, { max }) => sum + max, 0) };
    }
    case 'either': {
      const all = node.parts.map(lengthsOf);
      return { min: Math.min(...all.map(({ min }) => min)), max: Math.max(...all.map(({ max }) => max)) };
    }
    case 'repeat': {
      const { min, max } = lengthsOf(node.of);
      return { min: min * node.min, max: node.max === 0 || max === 0 ? 0 : max * node.max };
    }
  }
}

function setLengths({ ranges, properties, negated }: CharSet): Lengths {
  if (negated || properties.length > 0) return EITHER_LENGTH;
  const isShort = ranges.every(([, last]) => last <= 0xffff);
  const isLong = ranges.every(([first]) => first > 0xffff);
  return isShort ? { min: 1, max: 1 } : isLong ? { min: 2, max: 2 } : EITHER_LENGTH;
}

/** What each pattern costs beyond its characters: an engine's own bookkeeping. */
const BASE_COST = 3;
/** A general category, such as `\p{L}`: some hundred ranges, each a small automaton over UTF-8. */
const CATEGORY_COST = 100;
const SCRIPT_COST = 25;
/** A range beyond ASCII, or what is left when some characters are taken out of all. */
const WIDE_COST = 4;

/**
 * What a pattern costs, repetitions counted out: near the number of instructions of its program. One unit is some
 * 1.7 kB of re2-wasm's heap and 0.3 ms of its time to compile and first run.
 *
 * @throws {PatternRefusal} if repetitions multiply to more than {@link MAX_REPETITION}, or repeat what may be nothing
 */
export function costOf(node: Node): number {
  return BASE_COST + cost(node, 1);
}

function cost(node: Node, times: number): number {
  switch (node.kind) {
    case 'char':
      return node.code < 128 ? 1 : 4;
    case 'set':
      return setCost(node);
    case 'assertion':
      return 1;
    case 'concat':
      return node.parts.reduce((sum, part) => sum + cost(part, times), 0);
    case 'either':
      return node.parts.reduce((sum, part) => sum + 1 + cost(part, times), 0);
    case 'repeat': {
      const { min, max } = node;
      const count = Math.max(1, max === Number.POSITIVE_INFINITY ? min : max);
      if (count * times > MAX_REPETITION) {
        throw new PatternRefusal(`repetitions in one another multiply to more than ${MAX_REPETITION}`);
      }
      // What may match nothing, over and over: engines differ on what that is.
      if (max > 1 && lengthsOf(node.of).min === 0)
        throw new PatternRefusal('it repeats something that may match nothing');
      return 1 + count * cost(node.of, count * times);
    }
  }
}

function setCost({ ranges, properties, negated }: CharSet): number {
  const wide = ranges.filter(([, last]) => last >= 128).length;
  const named = properties.reduce(
    (sum, name) => sum + (name.length <= '\\p{Lu}'.length ? CATEGORY_COST : SCRIPT_COST),
    0,
  );
  return Math.max(1, ranges.length + wide * WIDE_COST + (negated ? WIDE_COST : 0) + named);
}
