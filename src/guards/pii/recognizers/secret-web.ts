import { before, codeAt, isDigit, isWordPart } from '../chars.ts';
import type { Candidate } from './recognizer.ts';
import { isPlaceholderBody, PLACEHOLDER } from './secret-doubt.ts';
import { endOf } from './secret-forms.ts';
import { closed } from './secret-token.ts';

const SLASH = 0x2f;

const TELEGRAM = /AA[A-Za-z0-9_-]{33}/y;

/** A token of a Telegram bot: its id, a colon, and 35 characters that begin with `AA`. `start` is after the colon. */
export function telegramAt(text: string, start: number, floor: number): Candidate | undefined {
  if (start - 2 < floor || !isDigit(codeAt(text, start - 2))) return undefined;
  let from = start - 1;
  while (from > floor && start - from <= 11 && isDigit(codeAt(text, from - 1))) from--;
  const digits = start - 1 - from;
  const end = digits < 8 || digits > 10 ? -1 : endOf(TELEGRAM, text, start);
  if (end < 0) return undefined;
  // `https://api.telegram.org/bot110201543:AA…`
  const isNamed = from - 3 >= floor && text.startsWith('bot', from - 3);
  if (!isNamed && isWordPart(before(text, from, floor))) return undefined;
  return withDoubt(text, from, start, end);
}

interface Hook {
  readonly path: string;
  readonly pattern: RegExp;
}

/** Addresses that whoever knows them may post to. Each path ends in `s/`. */
const HOOKS: readonly Hook[] = [
  { path: 'hooks.slack.com/services/', pattern: /T[A-Z0-9]{6,14}\/B[A-Z0-9]{6,14}\/[A-Za-z0-9]{16,32}/y },
  {
    path: 'hooks.slack.com/workflows/',
    pattern: /[A-Z0-9]{6,14}\/[A-Z0-9]{6,14}\/[0-9]{10,24}\/[A-Za-z0-9]{16,32}/y,
  },
  { path: 'hooks.slack.com/triggers/', pattern: /[A-Z0-9]{6,14}\/[0-9]{6,24}\/[A-Za-z0-9]{16,40}/y },
];

const DISCORD = /[\w-]{60,80}/y;
const LONGEST_ID = 20;

/** The webhook of Slack or Discord that `start` stands in, after a slash of its path. */
export function webhookAt(text: string, start: number, floor: number): Candidate | undefined {
  // Ids of Slack are capitals and digits; these may hold no digit.
  let from = start;
  const first = Math.max(floor, start - 32);
  while (from > first && isCapitalOrSlash(codeAt(text, from - 1))) from--;
  if (codeAt(text, from) === SLASH) from++;
  if (codeAt(text, from - 2) !== 0x73) return discordAt(text, start, floor);
  for (const { path, pattern } of HOOKS) {
    if (from - path.length < floor || !text.startsWith(path, from - path.length)) continue;
    if (isWordPart(before(text, from - path.length, floor))) continue;
    const end = endOf(pattern, text, from);
    if (end >= 0) return withDoubt(text, urlStart(text, from - path.length, floor), from, end);
  }
  return undefined;
}

function isCapitalOrSlash(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || code === SLASH;
}

function discordAt(text: string, start: number, floor: number): Candidate | undefined {
  let from = start - 1;
  while (from > floor && start - from <= LONGEST_ID && isDigit(codeAt(text, from - 1))) from--;
  const path = from - DISCORD_PATH.length;
  if (start - 1 - from < 16 || path < floor || !text.startsWith(DISCORD_PATH, path)) return undefined;
  const end = endOf(DISCORD, text, start);
  if (end < 0) return undefined;
  const host = DISCORD_HOSTS.find((name) => path - name.length >= floor && text.startsWith(name, path - name.length));
  if (host === undefined || isWordPart(before(text, path - host.length, floor))) return undefined;
  return withDoubt(text, urlStart(text, path - host.length, floor), start, end);
}

const DISCORD_PATH = '/api/webhooks/';
const DISCORD_HOSTS: readonly string[] = ['ptb.discord.com', 'canary.discord.com', 'discord.com', 'discordapp.com'];

function urlStart(text: string, host: number, floor: number): number {
  const scheme = host - 8;
  if (scheme < floor || !text.startsWith('https://', scheme)) return host;
  return isWordPart(before(text, scheme, floor)) ? host : scheme;
}

function withDoubt(text: string, start: number, body: number, end: number): Candidate {
  return closed(text, { start, end, confidence: isPlaceholderBody(text.slice(body, end)) ? PLACEHOLDER : 0.95 });
}

const BRAINTREE = /[a-z0-9]{16}\$[0-9a-f]{32}/y;

/** An access token of PayPal Braintree: `access_token$production$`, an id and a key. `start` is after the second `$`. */
export function braintreeAt(text: string, start: number, floor: number): Candidate | undefined {
  for (const stage of ['access_token$production$', 'access_token$sandbox$']) {
    const from = start - stage.length;
    if (from < floor || !text.startsWith(stage, from) || isWordPart(before(text, from, floor))) continue;
    const end = endOf(BRAINTREE, text, start);
    if (end < 0) return undefined;
    const found = withDoubt(text, from, start, end);
    return stage.includes('sandbox') ? { ...found, confidence: Math.min(found.confidence, 0.3) } : found;
  }
  return undefined;
}
