import { type Declarations, type Origin, readDeclarations } from './declarations.ts';
import type { Entry } from './entries.ts';

/** A name that an entry exports. */
export interface PublicName {
  readonly name: string;
  readonly isType: boolean;
  readonly text: string;
}

/** All that the users of an entry can see of its types. */
export interface Api {
  readonly entry: Entry;
  readonly names: readonly PublicName[];
  /** Declarations that are mentioned without being exported anywhere. */
  readonly behind: readonly string[];
  /** What is mentioned and declared elsewhere, by another entry or another package: `portcullis: Gate`. */
  readonly elsewhere: readonly string[];
  readonly augmentations: readonly string[];
}

/** A declaration, and where it stands. */
interface Found extends Origin {
  readonly text: string;
}

const STRING = /(['"`])(?:\\.|(?!\1)[^\\])*\1/g;
/** A name that is not a member of something and not the name of a member. */
const MENTION = /(?<![.\w$])[A-Za-z_$][\w$]*(?![\w$]|\??:)/g;

/** Reads what entries declare, and everything that is reached from there. */
export function readApis(entries: readonly Entry[]): readonly Api[] {
  const modules = new Map<string, Declarations>();
  const read = (file: string): Declarations => {
    const known = modules.get(file) ?? readDeclarations(file);
    modules.set(file, known);
    return known;
  };

  /** The declaration of a name, through however many modules hand it on; `undefined` for another package's. */
  function find({ from, name }: Origin): Found | undefined {
    if (!from.endsWith('.d.ts')) return undefined;
    const { declared, imported, exported } = read(from);
    const text = declared.get(name);
    if (text !== undefined) return { from, name, text };
    const next = exported.get(name);
    const further = next !== undefined && next.from !== from ? next : imported.get(name);
    if (further === undefined) throw new Error(`${from} has no ${name}`);
    return find(further);
  }

  function exportsOf({ types }: Entry): (Found & { readonly as: string; readonly isType: boolean })[] {
    return [...read(types).exported].map(([as, origin]) => {
      const found = find(origin);
      if (found === undefined) throw new Error(`${types} hands on ${as} of another package`);
      return { ...found, as, isType: origin.isType || /^(?:interface|type) /.test(found.text) };
    });
  }

  const key = ({ from, name }: Origin): string => `${from} ${name}`;
  /** Which entry shows a declaration: the first that exports it. */
  const shownBy = new Map<string, string>();
  for (const entry of entries) {
    for (const found of exportsOf(entry)) {
      if (!shownBy.has(key(found))) shownBy.set(key(found), entry.specifier);
    }
  }

  return entries.map((entry) => {
    const names = exportsOf(entry);
    const known = new Set(names.map(key));
    const waiting: Found[] = [...names];
    const behind: string[] = [];
    const elsewhere = new Set<string>();
    const augmentations = new Set(read(entry.types).augmentations);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { declared, imported } = read(next.from);
      for (const [name] of next.text.replaceAll(STRING, "''").matchAll(MENTION)) {
        const origin = declared.has(name) ? { from: next.from, name } : imported.get(name);
        if (origin === undefined) continue;
        const found = find(origin);
        if (found !== undefined && known.has(key(found))) continue;
        const other = found === undefined ? origin.from : shownBy.get(key(found));
        if (found === undefined || other !== undefined) elsewhere.add(`${other}: ${found?.name ?? origin.name}`);
        else {
          known.add(key(found));
          waiting.push(found);
          behind.push(found.text);
        }
      }
    }
    return {
      entry,
      names: names
        .map(({ as, name, isType, text }) => ({ name: as, isType, text: name === as ? text : `${text} // as ${as}` }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
      behind: behind.sort(),
      elsewhere: [...elsewhere].sort(),
      augmentations: [...augmentations],
    };
  });
}

/** The page of an entry. The same types give the same text. */
export function reportOf({ entry, names, behind, elsewhere, augmentations }: Api): string {
  const section = (title: string, texts: readonly string[]): string =>
    texts.length === 0 ? '' : `\n## ${title}\n\n\`\`\`ts\n${texts.join('\n')}\n\`\`\`\n`;
  const list = elsewhere.map((name) => `- ${name}\n`).join('');
  return [
    `# ${entry.specifier}\n\nWhat users see of its types. Written by \`npm run api\`; the tests fail on a difference.\n`,
    section(
      'Exports',
      names.map(({ text }) => text),
    ),
    section('Mentioned, exported nowhere', behind),
    section('Added to other packages', augmentations),
    list === '' ? '' : `\n## Mentioned, declared elsewhere\n\n${list}`,
  ].join('');
}
