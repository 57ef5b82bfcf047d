/** Reads TypeScript without a compiler, as far as its imports and its top level go. */

export interface Import {
  readonly specifier: string;
  /** `type` is gone at run time; `lazy` is a call of `import()`. */
  readonly kind: 'value' | 'type' | 'lazy';
  /** `export … from`. */
  readonly reexports: boolean;
  /** `import 'x'`: for what the module does, not for what it exports. */
  readonly bare: boolean;
}

/** What a regular expression may stand behind; behind anything else a slash divides. */
const BEFORE_REGEXP =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|delete|void|throw|new|do|else|await|yield))$/;

/**
 * The source with all comments and the insides of strings, templates and regular expressions blanked: every offset
 * and line break stays where it was.
 */
export function codeOnly(source: string): string {
  const out = source.split('');
  const templates: number[] = [];
  let depth = 0;

  function blank(from: number, to: number): number {
    const end = Math.min(to, source.length);
    for (let at = from; at < end; at++) if (out[at] !== '\n') out[at] = ' ';
    return end;
  }
  function blankUntil(stop: string, from: number, search: number): number {
    const end = source.indexOf(stop, search);
    return blank(from, end < 0 ? source.length : end + (stop === '\n' ? 0 : stop.length));
  }
  function blankQuoted(from: number, isEnd: (char: string) => boolean): number {
    let at = from;
    while (at < source.length && !isEnd(source.charAt(at))) at += source.charAt(at) === '\\' ? 2 : 1;
    return blank(from, at) + 1;
  }
  function blankRegExp(from: number): number {
    let inClass = false;
    return blankQuoted(from, (char) => {
      if (char === '[') inClass = true;
      if (char === ']') inClass = false;
      return char === '\n' || (char === '/' && !inClass);
    });
  }
  /** Up to the closing backtick or into the next `${`. */
  function blankTemplate(from: number): number {
    let at = from;
    while (at < source.length && source.charAt(at) !== '`' && !source.startsWith('${', at)) {
      at += source.charAt(at) === '\\' ? 2 : 1;
    }
    const end = blank(from, at);
    if (source.charAt(end) !== '$') return end + 1;
    templates.push(depth++);
    return end + 2;
  }

  for (let i = 0; i < source.length; ) {
    const char = source.charAt(i);
    if (source.startsWith('//', i) || (i === 0 && source.startsWith('#!'))) i = blankUntil('\n', i, i);
    else if (source.startsWith('/*', i)) i = blankUntil('*/', i, i + 2);
    else if (char === "'" || char === '"') i = blankQuoted(i + 1, (end) => end === char || end === '\n');
    else if (char === '`') i = blankTemplate(i + 1);
    else if (char === '/' && BEFORE_REGEXP.test(before(out, i))) i = blankRegExp(i + 1);
    else {
      if (char === '{') depth++;
      if (char === '}') depth--;
      i++;
      if (char === '}' && templates.at(-1) === depth) {
        templates.pop();
        i = blankTemplate(i);
      }
    }
  }
  return out.join('');
}

function before(code: readonly string[], at: number): string {
  let end = at;
  while (end > 0 && (code[end - 1] ?? '').trim() === '') end--;
  return code.slice(Math.max(0, end - 12), end).join('');
}

const STATIC = /\b(import|export)\b\s*(type\b(?!\s*(?:,|from\b))\s*)?(?:([\w$*\s{},]*?)\s*\bfrom\s*)?(['"])/g;
const LAZY = /\bimport\s*\(\s*(['"`]?)/g;

/** Every import and re-export of a module. A computed `import()` has the specifier `?`. */
export function importsOf(source: string): readonly Import[] {
  const code = codeOnly(source);
  const textAfter = (match: RegExpExecArray): string => {
    const start = match.index + match[0].length;
    return source.slice(start, code.indexOf(source.charAt(start - 1), start));
  };
  return [
    ...[...code.matchAll(STATIC)].map((match): Import => {
      const [, word, type, names] = match;
      return {
        specifier: textAfter(match),
        kind: type === undefined ? 'value' : 'type',
        reexports: word === 'export',
        bare: names === undefined,
      };
    }),
    ...[...code.matchAll(LAZY)].map((match): Import => {
      const specifier = match[1] === '' ? '?' : textAfter(match);
      return { specifier, kind: 'lazy', reexports: false, bare: false };
    }),
  ];
}
