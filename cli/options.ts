import process from 'node:process';
import { parseArgs } from 'node:util';

/** A command's options, which all take a text; `undefined` if help was asked for, which is printed. */
export function readOptions<T extends string = never>(
  args: readonly string[],
  usage: string,
  names: readonly T[] = [],
): Readonly<Partial<Record<T, string>>> | undefined {
  const texts = Object.fromEntries(names.map((name) => [name, { type: 'string' }] as const));
  const help = { type: 'boolean', short: 'h', default: false } as const;
  const { help: isHelp, ...values } = parseArgs({ args: [...args], options: { ...texts, help } }).values;
  if (!isHelp) return values as Partial<Record<T, string>>;
  process.stdout.write(usage);
  return undefined;
}
