import { Buffer } from 'node:buffer';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ConfigError } from '../../src/errors.ts';
import { checkEach, collectMistakes } from '../../src/mistakes.ts';
import { knownOptions, wordOption } from '../../src/options.ts';
import { isDateTime } from '../../src/rfc3339.ts';
import { type Env, readText } from '../env.ts';
import { parseSettings, readSettingsFile } from '../settings-file.ts';

/** What a token may do: `read` looks, `write` makes tenants and sets their options, `operate` changes keys and stops tenants. */
export type Scope = 'read' | 'write' | 'operate';

export const SCOPES: readonly Scope[] = Object.freeze(['read', 'write', 'operate']);

/** A token as the gateway knows it: not the token itself. */
export interface AdminToken {
  /** Whose it is, for the audit. */
  readonly name: string;
  /** SHA-256 of the token, 32 bytes. It has 256 random bits, so that nothing slower is needed. */
  readonly digest: Uint8Array;
  readonly scopes: readonly Scope[];
  /** Last moment at which it counts, milliseconds since the epoch. */
  readonly notAfter: number;
}

/** What tokens begin with, so that scanners of secrets know them. */
export const TOKEN_PREFIX = 'ptc_';
/** Random bytes of a token. */
export const TOKEN_BYTES = 32;
/** Tokens in a file at most: each costs a comparison a call. */
export const MAX_TOKENS_IN_FILE = 1_000;

const NAME = /^[A-Za-z0-9._@-]{1,64}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/;
/** `ptc_` and 32 bytes in base64url. */
const TOKEN = /^ptc_[A-Za-z0-9_-]{43}$/;
const FIELDS = ['name', 'sha256', 'scopes', 'notAfter'] as const;

/** A line of the tokens file. */
export interface TokenLine {
  readonly name: string;
  /** Of the token's text, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly scopes: readonly Scope[];
  /** RFC 3339. */
  readonly notAfter: string;
}

/**
 * Makes a token, and what the gateway has to know of it.
 *
 * @example
 * const { token, line } = makeToken('ops', ['read', 'operate'], Date.now() + 90 * 86_400_000);
 */
export function makeToken(
  name: string,
  scopes: readonly Scope[],
  notAfter: number,
): { token: string; line: TokenLine } {
  const token = TOKEN_PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');
  const sha256 = digestOf(token).toString('hex');
  return { token, line: { name, sha256, scopes, notAfter: new Date(notAfter).toISOString() } };
}

/** `ADMIN_TOKENS_FILE`: a JSON object a line. */
export function readAdminTokens(env: Env): readonly AdminToken[] | undefined {
  if (readText(env, 'ADMIN_TOKENS_FILE') === undefined) return undefined;
  const remedy = 'give the path of a file with a line of portcullis token for each token';
  return parseTokens(readSettingsFile(env, 'ADMIN_TOKENS_FILE', remedy));
}

/** @throws {ConfigError} for every mistake, naming line and field, never a digest. */
export function parseTokens(text: string): readonly AdminToken[] {
  const mistakes = collectMistakes();
  const tokens: AdminToken[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const option = `ADMIN_TOKENS_FILE line ${at + 1}`;
    const token = mistakes.attempt(() => parseToken(option, parseSettings(option, line)));
    if (token === undefined) continue;
    mistakes.attempt(() => {
      const isTaken = tokens.some(
        ({ name, digest }) => name === token.name || Buffer.from(digest).equals(token.digest),
      );
      if (isTaken) throw new ConfigError('PTC_E003', option, {}, 'give each token a name and a value of its own');
    });
    tokens.push(token);
  }
  mistakes.attempt(() => {
    if (tokens.length > 0 && tokens.length <= MAX_TOKENS_IN_FILE) return;
    throw new ConfigError(
      'PTC_E011',
      'ADMIN_TOKENS_FILE',
      tokens,
      `the file must hold 1 to ${MAX_TOKENS_IN_FILE} lines`,
    );
  });
  mistakes.raise();
  return Object.freeze(tokens);
}

function parseToken(option: string, entry: unknown): AdminToken {
  const mistakes = collectMistakes();
  mistakes.attempt(() => knownOptions(option, entry as object, FIELDS));
  const { name, sha256, scopes, notAfter } = (entry ?? {}) as Record<(typeof FIELDS)[number], unknown>;
  mistakes.attempt(() => checkTokenName(`${option}.name`, name));
  mistakes.attempt(() => {
    if (typeof sha256 === 'string' && SHA256_HEX.test(sha256)) return;
    throw new ConfigError(
      'PTC_E002',
      `${option}.sha256`,
      sha256,
      'give the SHA-256 of the token, 64 hexadecimal digits',
    );
  });
  mistakes.attempt(() => checkScopes(`${option}.scopes`, scopes));
  mistakes.attempt(() => {
    if (typeof notAfter === 'string' && isDateTime(notAfter)) return;
    throw new ConfigError('PTC_E002', `${option}.notAfter`, notAfter, 'give a time as RFC 3339 has it, with an offset');
  });
  mistakes.raise();
  return Object.freeze({
    name: name as string,
    digest: Buffer.from(sha256 as string, 'hex'),
    scopes: Object.freeze([...(scopes as Scope[])]),
    notAfter: Date.parse((notAfter as string).toUpperCase()),
  });
}

/** @throws {ConfigError} for anything but 1 to 64 letters, digits, dots, dashes, underscores, at signs. */
export function checkTokenName(option: string, name: unknown): string {
  if (typeof name === 'string' && NAME.test(name)) return name;
  throw new ConfigError('PTC_E002', option, name, 'give 1 to 64 letters, digits, dots, dashes, underscores, at signs');
}

/** @throws {ConfigError} for anything but one or more scopes, each once. */
export function checkScopes(option: string, scopes: unknown): readonly Scope[] {
  const remedy = `give one or more of ${SCOPES.join(', ')}, each once`;
  if (!Array.isArray(scopes)) throw new ConfigError('PTC_E002', option, scopes, remedy);
  if (scopes.length === 0 || new Set(scopes).size !== scopes.length) {
    throw new ConfigError('PTC_E003', option, scopes, remedy);
  }
  checkEach(scopes.entries(), ([at, scope]) => wordOption(`${option}[${at}]`, scope, 'read', SCOPES));
  return scopes;
}

/**
 * The token that a text is, if it counts at that time. Takes the same time for any text of a token's form: all digests
 * are compared, each in constant time.
 */
export function findToken(tokens: readonly AdminToken[], text: string, now: number): AdminToken | undefined {
  if (!TOKEN.test(text)) return undefined;
  const digest = digestOf(text);
  let found: AdminToken | undefined;
  for (const token of tokens) if (timingSafeEqual(token.digest, digest)) found = token;
  return found !== undefined && now <= found.notAfter ? found : undefined;
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
