import type { Assertion, CharSet, CodeRange, Node } from './syntax.ts';
import { closure, complement, propertyRanges, sorted } from './unicode.ts';

const ASSERTIONS: Readonly<Record<Assertion['what'], string>> = {
  'text-start': '\\A',
  'text-end': '\\z',
  'line-start': '(?m:^)',
  'line-end': '(?m:$)',
  'word-edge': '\\b',
  'no-word-edge': '\\B',
};

/**
 * Writes a pattern in the one form that every engine of RE2 syntax reads alike: nothing captures, every class and letter
 * case is spelt out in code points.
 */
export function emit(node: Node): string {
  switch (node.kind) {
    case 'char':
      return node.fold && hasCase(node.code)
        ? classText(closure([[node.code, node.code]]), false)
        : charText(node.code);
    case 'set':
      return classText(membersOf(node), node.negated);
    case 'assertion':
      return ASSERTIONS[node.what];
    case 'concat':
      return node.parts.map(emit).join('');
    case 'either':
      return `(?:${node.parts.map(emit).join('|')})`;
    case 'repeat':
      return `(?:${emit(node.of)})${countText(node.min, node.max)}${node.lazy ? '?' : ''}`;
  }
}

/** Whether letter case may matter; beyond ASCII that is Unicode's to say. */
function hasCase(code: number): boolean {
  return code >= 128 || /[a-zA-Z]/.test(String.fromCharCode(code));
}

/** Letters and digits as they are, anything else by number: no character has a meaning of its own. */
function charText(code: number): string {
  const char = String.fromCodePoint(code);
  return /^[a-zA-Z0-9]$/.test(char) ? char : `\\x{${code.toString(16)}}`;
}

function membersOf({ ranges, properties, fold }: CharSet): readonly CodeRange[] {
  const named = properties.flatMap((property) => {
    const members = propertyRanges(property.slice('\\p{'.length, -1));
    const all = fold ? closure(members) : members;
    return property.startsWith('\\P') ? complement(all) : all;
  });
  const members = sorted([...ranges, ...named]);
  return fold ? closure(members) : members;
}

function classText(ranges: readonly CodeRange[], negated: boolean): string {
  const members = ranges.map(([first, last]) =>
    first === last ? charText(first) : `${charText(first)}-${charText(last)}`,
  );
  return `[${negated ? '^' : ''}${members.join('')}]`;
}

function countText(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  return min === max ? `{${min}}` : `{${min},${max}}`;
}
