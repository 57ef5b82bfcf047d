import { Buffer } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { errorKind } from '../log.ts';
import { LOOKS_SECRET, looksSecret, MAX_PATTERN_CHARS, type Needle, newFinder } from './needles.ts';

export interface FoundInFile {
  /** From the directory. */
  readonly file: string;
  readonly secret: string;
}

/** Looks through all files below a directory, in memory a piece of one at a time. Linear in their bytes. */
export async function scanFiles(
  directory: string,
  needles: readonly Needle[],
): Promise<{ readonly files: number; readonly found: readonly FoundInFile[] }> {
  const found: FoundInFile[] = [];
  let files = 0;
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  // Bytes as Latin-1, a character each, so that no character of a needle is cut in two.
  const asBytes = needles.map((needle) => ({
    ...needle,
    forms: needle.forms.map((form) => Buffer.from(form).toString('latin1')),
  }));
  const foundIn = newFinder(asBytes);
  // What is cut in two at the end of a piece is whole with the beginning of the next.
  const overlap = asBytes.reduce(
    (most, { forms }) => Math.max(most, ...forms.map(({ length }) => length)),
    MAX_PATTERN_CHARS,
  );
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const names = new Set<string>();
    let rest = '';
    try {
      for await (const piece of createReadStream(path, { encoding: 'latin1' })) {
        const text = rest + piece;
        for (const name of foundIn(text)) names.add(name);
        if (looksSecret(text)) names.add(LOOKS_SECRET);
        rest = text.slice(-overlap);
      }
    } catch (error) {
      // A gateway at work seals, compresses and deletes.
      if (errorKind(error) !== 'ENOENT') throw error;
      continue;
    }
    files++;
    for (const secret of names) found.push({ file: relative(directory, path), secret });
  }
  return { files, found };
}
