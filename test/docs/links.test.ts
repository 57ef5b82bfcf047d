import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesIn, ROOT } from '../package/tree.ts';
import { anchors, links, pages } from './markdown.ts';

test.each(pages())('%s: every link leads to a file, and to a heading that it has', (path) => {
  const broken = links(path).filter(
    ({ target, anchor }) =>
      !existsSync(join(ROOT, target)) || (anchor !== '' && target.endsWith('.md') && !anchors(target).includes(anchor)),
  );
  expect(broken).toEqual([]);
});

test('links are found, and code is not taken for one', () => {
  expect(links('docs/index.md').map(({ target }) => target)).toEqual(
    expect.arrayContaining(['docs/gate.md', 'README.md', 'docs/errors/README.md']),
  );
  expect(links('docs/guards/recompute.md').map(({ target }) => target)).not.toContain('docs/guards/tenant');
  expect(anchors('docs/gateway.md')).toContain('what-is-written-to-disk');
});

test('the table of contents leads to every page', () => {
  const listed = new Set(links('docs/index.md').map(({ target }) => target));
  const codes = new Set(links('docs/errors/README.md').map(({ target }) => target));
  const missing = filesIn('docs', '.md').filter((path) => path !== 'docs/index.md' && !listed.has(path));
  expect(missing.filter((path) => !codes.has(path))).toEqual([]);
});
