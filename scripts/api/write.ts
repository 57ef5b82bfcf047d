// `npm run api`: writes the public types of every entry, as they were built, to etc/api/. The tests compare.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, readEntries } from './entries.ts';
import { readApis, reportOf } from './report.ts';

const FOLDER = join(ROOT, 'etc/api');
mkdirSync(FOLDER, { recursive: true });
const entries = readEntries();
for (const api of readApis(entries)) writeFileSync(join(FOLDER, `${api.entry.name}.md`), reportOf(api));
for (const file of readdirSync(FOLDER)) {
  if (!entries.some(({ name }) => file === `${name}.md`)) rmSync(join(FOLDER, file));
}
console.log(`${entries.length} reports in etc/api/`);
