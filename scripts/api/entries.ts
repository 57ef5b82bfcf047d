import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository, with a slash at its end. */
export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));

/** A subpath of the package that is code. */
export interface Entry {
  /** `portcullis/pii` */
  readonly specifier: string;
  /** `pii`; `index` for the package itself. */
  readonly name: string;
  readonly js: string;
  readonly types: string;
}

/** What `exports` of package.json offers, in its order. */
export function readEntries(): readonly Entry[] {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { readonly types: string; readonly default: string }>;
  };
  return Object.entries(exports).flatMap(([path, target]) => {
    if (typeof target === 'string') return [];
    const { types, default: js } = target;
    const name = path === '.' ? 'index' : path.slice(2);
    return [{ specifier: path.replace('.', 'portcullis'), name, js: join(ROOT, js), types: join(ROOT, types) }];
  });
}
