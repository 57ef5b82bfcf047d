import { describe, expect, test } from 'vitest';
import { CONFIG_CODES, DECISION_CODES, type DecisionCode, WARNING_CODES } from '../../src/errors.ts';
import { filesIn, readFrom } from '../package/tree.ts';
import { blocks } from './markdown.ts';

const TITLES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(DECISION_CODES).map(([code, { title }]) => [code, title])),
  ...CONFIG_CODES,
  ...WARNING_CODES,
};
const CODES = Object.keys(TITLES);
const pageOf = (code: string): string => readFrom(`docs/errors/${code}.md`);

test('every code has a page and every page a code', () => {
  const names = filesIn('docs/errors', '.md').map((path) => path.replace('docs/errors/', ''));
  expect(names).toEqual(['README.md', ...CODES.map((code) => `${code}.md`)].sort());
});

test.each(CODES)('%s: the page is headed by code and title, says who sees it, causes, and what to do', (code) => {
  const page = pageOf(code);
  const lines = page.split('\n');
  expect(lines[0]).toBe(`# ${code} ${TITLES[code]}`);
  expect(page).toMatch(/\bSeen (?:by|in) /);
  expect(page).toContain('\n- Causes: ');
  expect(page).toMatch(code.startsWith('PTC_D') ? /\n- Client: .*\n- Operator: /s : /\n- What to do: /);
  expect(lines.length).toBeGreaterThanOrEqual(10);
  expect(lines.length).toBeLessThanOrEqual(30);
});

describe.each(Object.entries(DECISION_CODES))('%s', (code, { status, title, reason }) => {
  test('the page states status and reason of the table', () => {
    expect(pageOf(code).split('\n')[2]).toMatch(new RegExp(`^Status ${status}, reason \`${reason}\`\\. Seen `));
  });

  test('its example is one answer that this code can have', () => {
    const examples = blocks(pageOf(code), 'json').map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(examples.length).toBe(1);
    const [example = {}] = examples;
    const found = code as DecisionCode;
    if (status >= 400) {
      expect(example).toMatchObject({ type: `urn:portcullis:error:${code}`, status, title, error: title, code: found });
      expect(Object.keys(example)).toEqual(expect.arrayContaining(['detail', 'guard', 'decision_id']));
    } else if (status === 202) {
      expect(example).toMatchObject({ outcome: 'escalated', reason });
    } else {
      expect(example.guard).toMatch(/^[a-z-]+$/);
    }
  });
});

test.each(Object.entries(CONFIG_CODES))('%s: its example is a line as ConfigError writes it', (code, title) => {
  const [line = '', ...more] = blocks(pageOf(code), 'text');
  expect(more).toEqual([]);
  expect(line).toMatch(/^PTC_E\d{3} [^:]+: .+ is .+; .+\n$/);
  expect(line.startsWith(`${code} ${title}: `)).toBe(true);
});

test.each(Object.keys(WARNING_CODES))('%s: its example is a line of the log, spread out', (code) => {
  const [text = '', ...more] = blocks(pageOf(code), 'json');
  expect(more).toEqual([]);
  expect(JSON.parse(text)).toMatchObject({ level: 'warn', event: expect.stringMatching(/^[a-z_]+$/), code });
});

test('the table lists every code, with what the source says of it, and nothing else', () => {
  const rows = readFrom('docs/errors/README.md')
    .split('\n')
    .filter((line) => line.startsWith('| [PTC_'));
  const decisions = Object.entries(DECISION_CODES).map(
    ([code, { status, reason, title }]) => `| [${code}](${code}.md) | ${status} | \`${reason}\` | ${title} |`,
  );
  const others = Object.entries({ ...CONFIG_CODES, ...WARNING_CODES }).map(
    ([code, title]) => `| [${code}](${code}.md) | ${title} |`,
  );
  expect(rows).toEqual([...decisions, ...others]);
});
