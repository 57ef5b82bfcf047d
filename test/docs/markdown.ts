import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { filesIn, ROOT, readFrom } from '../package/tree.ts';

/** Every page that is published: those of `docs/` and of the examples, and what stands in the root. */
export function pages(): readonly string[] {
  const root = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'fixtures/README.md'];
  return [
    ...root.filter((path) => existsSync(`${ROOT}${path}`)),
    ...filesIn('docs', '.md'),
    ...filesIn('examples', '.md'),
  ];
}

/** Blocks of code in a language. */
export function blocks(markdown: string, language: string): readonly string[] {
  const found = markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms);
  return [...found].flatMap(([, name, code = '']) => (name === language ? [code] : []));
}

/** Targets of links to files, from the root, and the part after `#`. Code does not count. */
export function links(path: string): readonly { readonly target: string; readonly anchor: string }[] {
  const text = readFrom(path)
    .replaceAll(/^```.*?^```$/gms, '')
    .replaceAll(/`[^`\n]*`/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, url = '']) => {
    if (/^[a-z]+:/.test(url)) return [];
    const [file = '', anchor = ''] = url.split('#');
    return [{ target: file === '' ? path : posix.join(posix.dirname(path), file), anchor }];
  });
}

/** The names that headings can be linked by. */
export function anchors(path: string): readonly string[] {
  const headings = readFrom(path)
    .replaceAll(/^```.*?^```$/gms, '')
    .matchAll(/^#{1,6} (.+)$/gm);
  return [...headings].map(([, text = '']) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
