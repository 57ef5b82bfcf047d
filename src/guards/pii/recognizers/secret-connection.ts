import { codeAt, isAsciiLetter, isDigit, isWordPart } from '../chars.ts';
import type { Candidate } from './recognizer.ts';
import { isIn } from './secret-alphabets.ts';
import { isPlaceholderBody, PLACEHOLDER, passwordConfidence } from './secret-doubt.ts';
import { endOf } from './secret-forms.ts';

const LONGEST_NAME = 24;
/** Characters before and after a password in which the rest of its connection string must begin. */
const NEIGHBOURHOOD = 256;
const EQUALS = 0x3d;
const UNDERSCORE = 0x5f;

const PASSWORDS: ReadonlySet<string> = new Set(['password', 'passwd', 'pwd', 'pass']);

/** Names of what only a connection string says beside a password. Of two words, the last. */
const HOSTS: ReadonlySet<string> = new Set(
  'server source host hostname addr address driver dsn endpoint database dbname databasename catalog ssl'.split(' '),
);
const USERS: ReadonlySet<string> = new Set(['uid', 'id', 'user', 'username']);

/** Keys with a name: Azure Storage, Service Bus, SignalR; Amazon Web Services. */
const NAMED: Readonly<Record<string, RegExp>> = {
  accountkey: /[A-Za-z0-9+/]{86}==/y,
  sharedaccesskey: /[A-Za-z0-9+/]{43}=/y,
  accesskey: /[A-Za-z0-9+/]{43,86}={1,2}/y,
  aws_secret_access_key: /["']?[A-Za-z0-9+/]{40}/y,
  secret_access_key: /["']?[A-Za-z0-9+/]{40}/y,
};

/**
 * What follows the `=` at `at`, if that is the password of a connection string (ADO.NET, ODBC, libpq, JDBC, Redis) with a
 * server or a user beside it, or a key that its name marks as one.
 */
export function connectionAt(text: string, at: number, floor: number): Candidate | undefined {
  if (!endsLikeName(codeAt(text, at - 1))) return undefined;
  const nameAt = nameStart(text, at, floor);
  const name = text.slice(nameAt, at).toLowerCase();
  if (PASSWORDS.has(name)) return passwordAt(text, nameAt, at + 1, floor);
  return Object.hasOwn(NAMED, name) ? keyAt(text, at + 1, NAMED[name]!) : undefined;
}

/** `d`, `s` or `y`: password, pass, key. */
function endsLikeName(code: number): boolean {
  const lower = code | 0x20;
  return lower === 0x64 || lower === 0x79 || lower === 0x73;
}

/** The begin of the name that ends before the `=` at `at`; `at`, if there is none. */
function nameStart(text: string, at: number, floor: number): number {
  const first = Math.max(floor, at - LONGEST_NAME);
  let start = at;
  while (start > first && isNamePart(codeAt(text, start - 1))) start--;
  return start > floor && isWordPart(codeAt(text, start - 1)) ? at : start;
}

function isNamePart(code: number): boolean {
  return isAsciiLetter(code) || code === UNDERSCORE;
}

function keyAt(text: string, at: number, pattern: RegExp): Candidate | undefined {
  const end = endOf(pattern, text, at);
  if (end < 0) return undefined;
  const start = /["']/.test(text.charAt(at)) ? at + 1 : at;
  const confidence = isPlaceholderBody(text.slice(start, end)) ? PLACEHOLDER : 0.95;
  const spoiled = isIn(codeAt(text, end), 'base64');
  // What is looked at again has to hold the `=`.
  return spoiled ? { start: at - 1, end: end + 1, confidence, spoiled } : { start, end, confidence };
}

const QUOTED = /(["'])(?:(?!\1)[^\r\n]){1,128}\1/y;
const BRACED = /\{[^\r\n{}]{1,128}\}/y;
const PLAIN = /[^\s;"'<>`|\\{}]{1,128}/y;

function passwordAt(text: string, nameAt: number, at: number, floor: number): Candidate | undefined {
  const separator = nameAt > floor ? text.charAt(nameAt - 1) : '';
  if (!isBeside(text, nameAt, at, separator, floor)) return undefined;
  const value = valueAt(text, at, separator);
  if (value.length < 3 || isCode(value) || value.includes('[REDACTED_') || /^[[<+&\s]|^%[sd(]/.test(value))
    return undefined;
  const start = /["'{]/.test(text.charAt(at)) ? at + 1 : at;
  const confidence = Math.min(0.9, passwordConfidence('user', value));
  return confidence === 0 ? undefined : { start, end: start + value.length, confidence };
}

/** The value without its quotes or braces. A comma and an ampersand end it where they are what stands between two. */
function valueAt(text: string, at: number, separator: string): string {
  if (/["'{]/.test(text.charAt(at))) {
    const end = Math.max(endOf(QUOTED, text, at), endOf(BRACED, text, at));
    return end < 0 ? '' : text.slice(at + 1, end - 1);
  }
  const end = endOf(PLAIN, text, at);
  if (end < 0) return '';
  const value = text.slice(at, end).replace(/[.,)]{1,8}$/, '');
  // Arguments of a call in Python.
  if (separator === ' ' && /[,)]/.test(text.charAt(at + value.length))) return '';
  const stop =
    separator === ',' ? value.indexOf(',') : separator === '&' || separator === '?' ? value.search(/[&#]/) : -1;
  return stop < 0 ? value : value.slice(0, stop);
}

/** `getPassword()`, `rows[1]`, `config.password`. */
function isCode(value: string): boolean {
  return /^[A-Za-z_$][\w$.]*[([]|^(?:[A-Za-z_$][A-Za-z_$]*\.)+[A-Za-z_$]+$/.test(value);
}

/** Whether the rest of a connection string stands around a password, in its line, with no other password between. */
function isBeside(text: string, nameAt: number, at: number, separator: string, floor: number): boolean {
  if (separator === ',' && isPort(text, nameAt - 1, floor)) return true;
  const first = Math.max(floor, nameAt - NEIGHBOURHOOD);
  for (let i = nameAt - 1; i >= first; i--) {
    const code = codeAt(text, i);
    if (isEdge(code)) break;
    if (code === QUESTION) return isDatabaseUrl(text, i, first);
    if (code !== EQUALS) continue;
    const name = nameOf(text, i, floor);
    if (PASSWORDS.has(name)) break;
    if (separator !== '&' && (HOSTS.has(name) || (separator === ';' && USERS.has(name)))) return true;
  }
  if (separator === '&' || separator === '?') return false;
  const last = Math.min(text.length, at + NEIGHBOURHOOD);
  for (let i = at; i < last; i++) {
    const code = codeAt(text, i);
    if (isEdge(code)) break;
    if (code !== EQUALS) continue;
    const name = nameOf(text, i, at);
    if (PASSWORDS.has(name)) break;
    const isListed = codeAt(text, i - name.length - 1) === SEMICOLON;
    if (HOSTS.has(name) || (isListed && USERS.has(name))) return true;
  }
  return false;
}

const QUESTION = 0x3f;
const SEMICOLON = 0x3b;

function nameOf(text: string, equals: number, floor: number): string {
  return text.slice(nameStart(text, equals, floor), equals).toLowerCase();
}

/** A line end; or a bracket, which may be that of a label. */
function isEdge(code: number): boolean {
  return code === 0x0a || code === 0x0d || code === 0x5b || code === 0x5d;
}

/** `cache.example.org:6380,password=…`, as StackExchange.Redis writes it. */
function isPort(text: string, comma: number, floor: number): boolean {
  let at = comma;
  while (at > floor && comma - at < 5 && isDigit(codeAt(text, at - 1))) at--;
  return at < comma && at - 1 > floor && codeAt(text, at - 1) === 0x3a && isWordPart(codeAt(text, at - 2));
}

const DATABASE_URL =
  /^(?:jdbc:[a-z0-9:]{2,32}|postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|sqlserver|rediss?):\/\//i;

/** `jdbc:postgresql://db/app?user=jo&password=…` */
function isDatabaseUrl(text: string, question: number, first: number): boolean {
  let from = question;
  while (from > first && /[\w.:/,+%@;~-]/.test(text.charAt(from - 1))) from--;
  return DATABASE_URL.test(text.slice(from, question));
}
