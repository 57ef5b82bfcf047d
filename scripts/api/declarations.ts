import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where a name of a module comes from. */
export interface Origin {
  /** A declaration file, or the specifier of another package. */
  readonly from: string;
  /** Its name there. */
  readonly name: string;
}

export interface Exported extends Origin {
  /** Only a type: it is gone at run time. */
  readonly isType: boolean;
}

/** A declaration file, as tsc writes them under isolatedDeclarations: a statement begins where a line does. */
export interface Declarations {
  /** Text of each declaration, without comments and `export declare`; overloads are one text. */
  readonly declared: ReadonlyMap<string, string>;
  /** What it makes known of other modules: `declare module 'hono' { … }`. */
  readonly augmentations: readonly string[];
  readonly imported: ReadonlyMap<string, Origin>;
  readonly exported: ReadonlyMap<string, Exported>;
}

const STRING_OR_COMMENT = /(['"`])(?:\\.|(?!\1)[^\\])*\1|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
const STATEMENT = /^(?=(?:import|export|declare|interface|type|class|const|function|abstract)\b)/m;
const LIST = /^(import|export) (type )?\{([^}]*)\}(?: from '([^']+)')?;$/;
const DECLARATION =
  /^(export )?(?:declare )?((?:abstract )?(interface|type|class|const|function|abstract class) ([\w$]+)[\s\S]*)$/;

/** Reads a declaration file. @throws {Error} for what tsc does not write under our options. */
export function readDeclarations(file: string): Declarations {
  const text = readFileSync(file, 'utf8').replaceAll(STRING_OR_COMMENT, (found) => (found[0] === '/' ? '' : found));
  const declared = new Map<string, string>();
  const augmentations: string[] = [];
  const imported = new Map<string, Origin>();
  const exported = new Map<string, Exported>();

  for (const statement of text.split(STATEMENT).map(tidy)) {
    const list = LIST.exec(statement);
    const declaration = DECLARATION.exec(statement);
    if (list !== null) {
      const [, word, type, names = '', specifier] = list;
      const from = specifier === undefined ? file : resolved(file, specifier);
      for (const { name, as, isType } of listed(names)) {
        if (word === 'import') imported.set(as, { from, name });
        else exported.set(as, { from, name, isType: isType || type !== undefined });
      }
    } else if (declaration !== null) {
      const [, isExported, body = '', kind, name = ''] = declaration;
      declared.set(name, declared.has(name) ? `${declared.get(name)}\n${body}` : body);
      const isType = kind === 'interface' || kind === 'type';
      if (isExported !== undefined) exported.set(name, { from: file, name, isType });
    } else if (statement.startsWith('declare module ')) augmentations.push(statement);
    else if (statement !== '') throw new Error(`${file}: cannot read ${JSON.stringify(statement.slice(0, 80))}`);
  }
  return { declared, augmentations, imported, exported };
}

/** Without empty lines; indented as our sources are. */
function tidy(statement: string): string {
  return statement
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trimEnd().replace(/^(?: {4})+/, (spaces) => ' '.repeat(spaces.length / 2)))
    .join('\n');
}

/** `a, type B, c as d` */
function listed(names: string): { readonly name: string; readonly as: string; readonly isType: boolean }[] {
  const parts = names.split(',').map((part) => part.trim());
  return parts.flatMap((part) => {
    if (part === '') return [];
    const [, type, name = '', as = name] = /^(type )?([\w$]+)(?: as ([\w$]+))?$/.exec(part) ?? [];
    return [{ name, as, isType: type !== undefined }];
  });
}

/** The declarations that a relative import means; the specifier itself for a package. */
function resolved(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  const path = join(dirname(file), specifier.replace(/\.js$/, '.d.ts'));
  if (!existsSync(path)) throw new Error(`${file} imports ${specifier}, which is not there`);
  return path;
}
