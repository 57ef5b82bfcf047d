import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../../helpers/process.ts';
import { tempDirectory } from '../../helpers/temp.ts';

/** Makes Node see what it sees where the package is not installed. */
const HIDE = `import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(\`export async function resolve(specifier, context, next) {
  if (specifier !== 'ioredis') return next(specifier, context);
  throw Object.assign(new Error("Cannot find package 'ioredis'"), { code: 'ERR_MODULE_NOT_FOUND' });
}\`));
`;

test('REDIS_ADDR without ioredis: one line that says what to install', async () => {
  const directory = await tempDirectory();
  const hook = join(directory, 'hide.mjs');
  await writeFile(hook, HIDE);
  const env = {
    NODE_OPTIONS: `--import ${hook}`,
    PORT: '0',
    WAL_DIR: `${directory}/wal`,
    WORM_BASE_DIR: `${directory}/ledger`,
    LEDGER_KEY_FILE: `${directory}/ledger.key`,
  };
  expect(await runCli(['serve'], { ...env, REDIS_ADDR: 'canary.example' })).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /^portcullis: PTC_E016 An optional package is missing: ioredis is missing; run npm install ioredis\n$/m,
    ),
  });
});
