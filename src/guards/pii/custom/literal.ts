import { lengthsOf } from './measure.ts';
import type { Node } from './syntax.ts';

/** A text that every match holds, and where in the match. */
export interface Literal {
  readonly text: string;
  /** It stands for its other letter cases too: `text` is folded by {@link foldText}. */
  readonly fold: boolean;
  /** Fewest and most code units of the match before it. */
  readonly minBefore: number;
  readonly maxBefore: number;
}

/**
 * A text in which letter case is gone as far as ASCII letters go, at the same length: what folds to an ASCII letter is
 * that letter, small. Beyond ASCII, two characters become one here only if they are no ASCII letter's relatives.
 */
export function foldText(text: string): string {
  // U+0130 is the one character that grows in lower case; long s folds to `s`, which lower case leaves alone.
  return text.replaceAll('\u0130', '\0').replaceAll('\u017f', 's').toLowerCase();
}

/** The longest literal that is found with certainty; `undefined` if there is none. */
export function literalOf(node: Node): Literal | undefined {
  let best: Literal | undefined;
  for (const literal of literals(node, 0, 0)) {
    if (best === undefined || literal.text.length > best.text.length) best = literal;
  }
  return best;
}

/** All literals that stand in every match of `node`, which begins `minBefore` to `maxBefore` after the match does. */
function literals(node: Node, minBefore: number, maxBefore: number): readonly Literal[] {
  switch (node.kind) {
    case 'char': {
      const text = String.fromCodePoint(node.code);
      if (!node.fold) return [{ text, fold: false, minBefore, maxBefore }];
      return node.code < 128 ? [{ text: text.toLowerCase(), fold: true, minBefore, maxBefore }] : [];
    }
    case 'concat':
      return ofSequence(node.parts, minBefore, maxBefore);
    case 'repeat': {
      if (node.min === 0) return [];
      const isSame = node.min === node.max && node.of.kind === 'char';
      return isSame
        ? ofSequence(
            Array.from({ length: node.min }, () => node.of),
            minBefore,
            maxBefore,
          )
        : literals(node.of, minBefore, maxBefore);
    }
    default:
      return [];
  }
}

function ofSequence(parts: readonly Node[], minBefore: number, maxBefore: number): readonly Literal[] {
  const all: Literal[] = [];
  let min = minBefore;
  let max = maxBefore;
  /** The literal that what comes next goes on. */
  let open: Literal | undefined;
  for (const part of parts) {
    const found = literals(part, min, max);
    const lengths = lengthsOf(part);
    const first = found[0];
    const isWhole = found.length === 1 && first!.text.length === lengths.min && lengths.min === lengths.max;
    if (isWhole && open !== undefined && open.fold === first!.fold) {
      open = { ...open, text: open.text + first!.text };
      all[all.length - 1] = open;
    } else if (lengths.max > 0) {
      all.push(...found);
      open = isWhole ? first : undefined;
    }
    min += lengths.min;
    max += lengths.max;
  }
  return all;
}
