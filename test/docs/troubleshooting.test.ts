import { expect, test } from 'vitest';
import { CONFIG_CODES, DECISION_CODES, WARNING_CODES } from '../../src/errors.ts';
import { readFrom } from '../package/tree.ts';

const page = readFrom('docs/troubleshooting.md');

test('every code stands beside a symptom', () => {
  const linked = [...page.matchAll(/\]\(errors\/(PTC_\w+)\.md\)/g)].map(([, code]) => code);
  const codes = Object.keys({ ...DECISION_CODES, ...CONFIG_CODES, ...WARNING_CODES });
  expect([...new Set(linked)].sort()).toEqual(codes.sort());
});

test('a row that begins with a status holds codes that have it', () => {
  for (const [, statuses = '', codes = ''] of page.matchAll(
    /^\| ((?:\d{3}|or|instead|of| )+)[^|]*\| (\[D[^|]+) \|/gm,
  )) {
    const allowed = statuses.includes('instead') ? ['202'] : statuses.match(/\d{3}/g);
    for (const [, code = ''] of codes.matchAll(/PTC_(D\d+)/g)) {
      const { status } = DECISION_CODES[`PTC_${code}` as keyof typeof DECISION_CODES];
      expect(allowed, `PTC_${code}`).toContain(String(status));
    }
  }
});
