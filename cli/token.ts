import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { checkScopes, checkTokenName, makeToken, SCOPES } from '../gateway/admin/tokens.ts';
import { ConfigError } from '../src/errors.ts';
import { collectMistakes } from '../src/mistakes.ts';
import { readOptions } from './options.ts';

/** Days that a token counts where nothing is said. */
export const DEFAULT_TOKEN_DAYS = 90;
/** Days that it may count at most. */
export const MAX_TOKEN_DAYS = 3_650;

const DAY_MS = 86_400_000;

const USAGE = `usage: portcullis token --name <name> --scopes <scope,scope> --token-file <new file> [--days <days>]

Makes a token for the admin API of the gateway (docs/admin.md). Writes the token to a new file and prints the line that
ADMIN_TOKENS_FILE needs of it, which does not tell the token:

  portcullis token --name ops --scopes read,operate --token-file ops.token >> admin-tokens.jsonl

  --scopes  ${SCOPES.join(', ')}: look; make tenants and change their settings; change keys, stop and start tenants
  --days    until it counts no more; 1 to ${MAX_TOKEN_DAYS}, ${DEFAULT_TOKEN_DAYS} if not said
`;

/** Makes a token of the admin API: the token to a file, what the gateway has to know of it to standard output. */
export async function token(args: readonly string[]): Promise<number> {
  const values = readOptions(args, USAGE, ['name', 'scopes', 'token-file', 'days']);
  if (values === undefined) return 0;
  const { days = String(DEFAULT_TOKEN_DAYS), 'token-file': path } = values;
  const mistakes = collectMistakes();
  const name = mistakes.attempt(() => checkTokenName('--name', values.name));
  const scopes = mistakes.attempt(() =>
    checkScopes(
      '--scopes',
      values.scopes?.split(',').map((scope) => scope.trim()),
    ),
  );
  const remedy = 'give the path of a file that is not there yet';
  mistakes.attempt(() => {
    if (path === undefined || path === '') throw new ConfigError('PTC_E001', '--token-file', path, remedy);
  });
  mistakes.attempt(() => {
    if (/^\d{1,4}$/.test(days) && Number(days) >= 1 && Number(days) <= MAX_TOKEN_DAYS) return;
    throw new ConfigError('PTC_E003', '--days', days, `give a whole number from 1 to ${MAX_TOKEN_DAYS}`);
  });
  mistakes.raise();
  const made = makeToken(name!, scopes!, Date.now() + Number(days) * DAY_MS);
  await writeFile(path!, `${made.token}\n`, { mode: 0o600, flag: 'wx' }).catch(() => {
    throw new ConfigError('PTC_E013', '--token-file', path, remedy);
  });
  process.stdout.write(`${JSON.stringify(made.line)}\n`);
  return 0;
}
