import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveProcess } from '../helpers/process.ts';
import { ROOT, readFrom } from '../package/tree.ts';

/** A command of the page, and the JSON under it, if that is what it prints. */
interface Example {
  readonly command: string;
  readonly printed: unknown;
}

function examples(): readonly Example[] {
  const found = readFrom('docs/admin.md').matchAll(/^```sh\n(.*?)^```\n(?:\n```json\n(.*?)^```\n)?/gms);
  return [...found].map(([, command = '', json]) => ({ command, printed: json && JSON.parse(json) }));
}

/** Times are other ones each time. */
function timeless(value: unknown): unknown {
  const text = JSON.stringify(value).replaceAll(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/g, '"a time"');
  return JSON.parse(text);
}

const [MAKE, SERVE, ...CALLS] = examples();

describe('the page of the admin API', () => {
  let folder: string;
  let port: number;
  let stop: () => unknown;

  const run = async (command: string): Promise<string> => {
    const linked = command
      .replaceAll('npx portcullis', `'${process.execPath}' '${join(ROOT, 'dist/cli/main.js')}'`)
      .replaceAll('localhost:8080', `127.0.0.1:${port}`);
    return (await promisify(execFile)('bash', ['-euc', linked], { cwd: folder })).stdout;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portcullis-admin-'));
    await run(MAKE?.command ?? '');
    const served = await serveProcess({
      ADMIN_TOKENS_FILE: join(folder, 'admin-tokens.jsonl'),
      TENANTS_STORE_FILE: join(folder, 'data/tenants.json'),
      WAL_DIR: join(folder, 'data/wal'),
      WORM_BASE_DIR: join(folder, 'data/audit-worm'),
      LEDGER_KEY_FILE: join(folder, 'data/ledger.key'),
    });
    port = served.port;
    stop = () => served.child.kill('SIGKILL');
  });
  afterAll(async () => {
    stop?.();
    await rm(folder, { recursive: true });
  });

  test('starts as it says', () => {
    expect(MAKE?.command).toContain('portcullis token');
    expect(SERVE?.command).toBe('ADMIN_TOKENS_FILE=admin-tokens.jsonl npx portcullis serve\n');
    expect(CALLS.length).toBeGreaterThan(3);
  });

  test('what it says of tokens can be run again: tokens that are there stay', async () => {
    const before = await readFile(join(folder, 'admin-tokens.jsonl'), 'utf8');
    expect(before).toMatch(/^\{.*\}\n$/);
    // The file of the token is there.
    await expect(run(MAKE?.command ?? '')).rejects.toThrow(/PTC_E013/);
    expect(await readFile(join(folder, 'admin-tokens.jsonl'), 'utf8')).toBe(before);
  });

  test('no call has a token or a key among its arguments, where everybody on the machine sees them', () => {
    const lines = CALLS.flatMap(({ command }) => command.split('\n').filter((line) => /\bcurl\b|\\$/.test(line)));
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) expect(line).not.toMatch(/bearer|"key"|\$\(/i);
  });

  test('its calls, one after another, print what it says', async () => {
    for (const { command, printed } of CALLS) {
      const lines = (await run(command)).replaceAll('}{', '}\n{').split('\n');
      for (const line of lines) expect(JSON.parse(line), command).not.toHaveProperty('code');
      if (printed !== undefined) expect(timeless(JSON.parse(lines.join(''))), command).toEqual(timeless(printed));
    }
  });
});
