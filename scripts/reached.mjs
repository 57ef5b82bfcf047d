import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A relative import or re-export, of a value or of a type, as tsc writes them. */
const IMPORT = /\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g;

/**
 * The files that package.json leads to: what `exports`, `imports` and `bin` name, and what those import.
 *
 * @param {string} root folder of package.json
 * @returns {ReadonlySet<string>}
 */
export function reachedFiles(root) {
  const { exports, imports, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const waiting = [exports, imports, bin].flatMap(paths).map((path) => join(root, path));
  const reached = new Set();
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue;
    if (!existsSync(file)) throw new Error(`${file} is not there: package.json, or a file that it leads to, names it`);
    reached.add(file);
    if (!/\.[jt]s$/.test(file)) continue;
    for (const [, path] of readFileSync(file, 'utf8').matchAll(IMPORT)) waiting.push(target(file, path));
  }
  return reached;
}

/** Declarations import declarations, whatever ending they write. */
function target(file, path) {
  const found = join(dirname(file), path);
  return file.endsWith('.d.ts') ? found.replace(/(?<!\.d)\.[jt]s$/, '.d.ts') : found;
}

/** Every path in a part of package.json, under whatever conditions. */
function paths(part) {
  return typeof part === 'string' ? [part] : Object.values(part).flatMap(paths);
}
