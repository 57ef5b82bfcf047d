// The last part of `npm run build`: leaves in dist what package.json leads to, and nothing else.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reachedFiles } from './reached.mjs';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const files = readdirSync(join(ROOT, 'dist'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

// tsc leaves `.ts` in declarations, and not every tool reads that as the declaration beside it.
for (const file of files.filter((path) => path.endsWith('.d.ts'))) {
  const text = readFileSync(file, 'utf8');
  const rewritten = text.replaceAll(/(\b(?:from|import\()\s*['"]\.[^'"]+)\.ts(?=['"])/g, '$1.js');
  if (rewritten !== text) writeFileSync(file, rewritten);
}

// Declarations that nobody can import, and what is left of sources that are gone.
const reached = reachedFiles(ROOT);
for (const file of files) if (!reached.has(file)) rmSync(file);
