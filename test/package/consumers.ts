import { execFile } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { readEntries } from '../../scripts/api/entries.ts';
import { readApis } from '../../scripts/api/report.ts';
import { ROOT } from './tree.ts';

/** An entry of the package as a consumer names it. */
export interface Offered {
  readonly specifier: string;
  readonly values: readonly string[];
  readonly types: readonly string[];
}

/** Every public name, by its entry, as the package's declarations tell it. */
export function offered(): readonly Offered[] {
  return readApis(readEntries()).map(({ entry: { specifier }, names }) => {
    const named = (isType: boolean): string[] => names.filter((each) => each.isType === isType).map(({ name }) => name);
    return { specifier, values: named(false), types: named(true) };
  });
}

/** Packages without which an entry cannot be loaded. */
export const NEEDED_TO_RUN: Readonly<Record<string, readonly string[]>> = {
  'portcullis/gateway': ['express', 'prom-client'],
  'portcullis/pii-re2js': ['re2js'],
};

/** Packages whose types the types of an entry mention. */
export const NEEDED_TO_COMPILE: Readonly<Record<string, readonly string[]>> = {
  'portcullis/express': ['@types/express', '@types/node'],
  'portcullis/fastify': ['fastify', '@types/node'],
  'portcullis/gateway': ['@types/express', '@types/node'],
  'portcullis/hono': ['hono'],
  'portcullis/node': ['@types/node'],
};

/** A program that imports every value by its name and prints, as JSON, which of them are there, by entry. */
export function esmProgram(entries: readonly Offered[]): string {
  const imports = entries.map(({ specifier, values }, at) => {
    const names = values.map((name) => `${name} as ${name}_${at}`).join(', ');
    return `import { ${names} } from '${specifier}';\nimport * as all_${at} from '${specifier}';\n`;
  });
  return `${imports.join('')}${printing(entries)}`;
}

/** The same with `require`. */
export function cjsProgram(entries: readonly Offered[]): string {
  const requires = entries.map(({ specifier, values }, at) => {
    const names = values.map((name) => `${name}: ${name}_${at}`).join(', ');
    return `const { ${names} } = require('${specifier}');\nconst all_${at} = require('${specifier}');\n`;
  });
  return `'use strict';\n${requires.join('')}${printing(entries)}`;
}

function printing(entries: readonly Offered[]): string {
  const rows = entries.map(({ specifier, values }, at) => {
    const named = values.map((name) => `${name}: ${name}_${at}`).join(', ');
    return `'${specifier}': report({ ${named} }, all_${at})`;
  });
  return `function report(named, all) {
  const undefinedNames = Object.keys(named).filter((name) => named[name] === undefined);
  return { all: Object.keys(all).filter((name) => name !== 'default' && name !== '__esModule').sort(), undefinedNames };
}
console.log(JSON.stringify({ ${rows.join(', ')} }));
`;
}

/** What such a program prints when every name is there and no other. */
export function complete(entries: readonly Offered[]): unknown {
  return Object.fromEntries(
    entries.map(({ specifier, values }) => [specifier, { all: [...values].sort(), undefinedNames: [] }]),
  );
}

/** A module that mentions every name, values and types. */
export function typedModule(entries: readonly Offered[]): string {
  return entries
    .map(({ specifier, values, types }, at) => {
      const names = [
        ...values.map((name) => `${name} as ${name}_${at}`),
        ...types.map((name) => `type ${name} as ${name}_${at}`),
      ];
      return `import { ${names.join(', ')} } from '${specifier}';
export const values_${at}: readonly unknown[] = [${values.map((name) => `${name}_${at}`).join(', ')}];
export type { ${types.map((name) => `${name}_${at}`).join(', ')} };
`;
    })
    .join('');
}

/** Runs a program; gives what it printed on both streams. */
export async function runNode(
  file: string,
  cwd: string,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return promisify(execFile)(process.execPath, [file], { cwd, env: { PATH: process.env.PATH ?? '' } });
}

/** Compiles a folder with our compiler; gives what it complains about. */
export async function compile(folder: string): Promise<string> {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  return promisify(execFile)(process.execPath, [tsc, '-p', folder], { cwd: folder }).then(
    () => '',
    (error: { stdout?: string }) => error.stdout ?? 'tsc did not run',
  );
}
