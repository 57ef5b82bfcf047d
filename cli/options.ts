import process from 'node:process';
import { parseArgs } from 'node:util';

/** What a command was given. */
export interface Arguments<T extends string, F extends string> {
  /** Options that take a text. */
  readonly values: Readonly<Partial<Record<T, string>>>;
  /** Options that are there or not. */
  readonly flags: ReadonlySet<F>;
  /** The rest, in order. */
  readonly positionals: readonly string[];
}

export interface ArgumentNames<T extends string, F extends string> {
  readonly texts?: readonly T[];
  readonly flags?: readonly F[];
  /** Short names of flags: `{ f: 'follow' }`. */
  readonly short?: Readonly<Record<string, T | F>>;
  /** Whether there may be arguments that are no options. Default false. */
  readonly positionals?: boolean;
}

/** A command's arguments; `undefined` if help was asked for, which is printed. */
export function readArguments<T extends string = never, F extends string = never>(
  args: readonly string[],
  usage: string,
  names: ArgumentNames<T, F>,
): Arguments<T, F> | undefined {
  const shortOf = new Map(Object.entries(names.short ?? {}).map(([short, name]) => [name as string, short]));
  const option = (
    name: string,
    type: 'string' | 'boolean',
  ): [string, { type: 'string' | 'boolean'; short?: string }] => {
    const short = shortOf.get(name);
    return [name, { type, ...(short !== undefined && { short }) }];
  };
  const flags = names.flags ?? [];
  const options = Object.fromEntries([
    ...(names.texts ?? []).map((name) => option(name, 'string')),
    ...flags.map((name) => option(name, 'boolean')),
  ]);
  const help = { type: 'boolean', short: 'h' } as const;
  const allowPositionals = names.positionals ?? false;
  const { values, positionals } = parseArgs({ args: [...args], options: { ...options, help }, allowPositionals });
  const { help: isHelp, ...given } = values as Record<string, string | boolean | undefined>;
  if (isHelp === true) {
    process.stdout.write(usage);
    return undefined;
  }
  return {
    values: Object.fromEntries(Object.entries(given).filter(([, value]) => typeof value === 'string')) as Partial<
      Record<T, string>
    >,
    flags: new Set(flags.filter((name) => given[name] === true)),
    positionals,
  };
}

/** A command's options, which all take a text; `undefined` if help was asked for, which is printed. */
export function readOptions<T extends string = never>(
  args: readonly string[],
  usage: string,
  names: readonly T[] = [],
): Readonly<Partial<Record<T, string>>> | undefined {
  return readArguments<T>(args, usage, { texts: names })?.values;
}
