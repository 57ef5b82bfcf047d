import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type Case, readCases } from '../corpus.ts';

/**
 * The corpus of secrets with its placeholders filled in, so that no file holds what looks live. `{{alphabet:length}}` stands
 * for that many characters, drawn from SHA-256 of the placeholder and the case's `why`; a third part tells apart what is not
 * to be the same. In `text` and in `find` of one case, the same placeholder is the same characters.
 *
 * | placeholder | becomes |
 * | --- | --- |
 * | `{{alnum:36}}`, `{{hex:64:b}}` and so on | characters of the alphabet |
 * | `{{crc:36}}` | 30 characters and their CRC-32 in base 62, computed by `node:zlib` |
 * | `{{b64:text}}` | the text in base64 |
 * | `{{uuid}}`, `{{bot}}` | a UUID; the first part of a token of a Discord bot |
 * | `{{jwt:alg}}`, `{{jwe}}` | a token of that algorithm with a signature of random characters |
 */
export function readSecrets(): readonly Case[] {
  return readCases('secret').map(({ text, find, why }) => ({
    text: expandFor(text, why),
    find: find.map((value) => expandFor(value, why)),
    why,
  }));
}

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = UPPER.toLowerCase();
const DIGITS = '0123456789';
const ALNUM = DIGITS + UPPER + LOWER;

const ALPHABETS: Readonly<Record<string, string>> = {
  dec: DIGITS,
  hex: `${DIGITS}abcdef`,
  HEX: `${DIGITS}ABCDEF`,
  upper: DIGITS + UPPER,
  lower: DIGITS + LOWER,
  base32: `${UPPER}234567`,
  base32l: `${LOWER}234567`,
  bech32: 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L',
  alnum: ALNUM,
  url: `${ALNUM}-_`,
  base64: `${ALNUM}+/`,
  base64b: `${ALNUM}+/`,
};

export function expandFor(template: string, why: string): string {
  return template.replaceAll(/\{\{(\w+)(?::((?:(?!\}\}).)*\}?))?\}\}/g, (whole, kind: string, rest = '') => {
    const seed = `${whole} ${why}`;
    if (kind === 'b64') return Buffer.from(rest).toString('base64');
    if (kind === 'uuid') return uuid(seed);
    // An id of 18 digits, as Discord gives them out.
    if (kind === 'bot') return Buffer.from(`8${draw('dec', 17, seed)}`).toString('base64url');
    if (kind === 'jwt') return jwt(rest, seed);
    if (kind === 'jwe') return jwe(seed);
    const length = Number.parseInt(rest, 10);
    return kind === 'crc' ? withCrc(draw('alnum', length - 6, seed)) : draw(kind, length, seed);
  });
}

function draw(kind: string, length: number, seed: string): string {
  const alphabet = ALPHABETS[kind];
  if (alphabet === undefined) throw new Error(`no alphabet ${kind}`);
  let text = '';
  for (let round = 0; text.length < length; round++) {
    for (const byte of createHash('sha256').update(`${seed} ${round}`).digest())
      text += alphabet[byte % alphabet.length];
  }
  // No identifier begins with a zero.
  return (kind === 'dec' && text.startsWith('0') ? `1${text.slice(1)}` : text).slice(0, length);
}

export function withCrc(body: string): string {
  let check = '';
  for (let value = crc32(body); value > 0; value = Math.floor(value / 62)) check = ALNUM[value % 62] + check;
  return body + check.padStart(6, '0');
}

function uuid(seed: string): string {
  const hex = draw('hex', 30, seed);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-a${hex.slice(15, 18)}-${hex.slice(18)}`;
}

function jwt(alg: string, seed: string): string {
  const header = alg === 'spaced' ? '{"typ":"JWT",\r\n "alg":"HS256"}' : JSON.stringify({ alg, typ: 'JWT' });
  const payload = JSON.stringify({ sub: draw('dec', 10, seed), iat: 1516239022 });
  const parts = [header, payload].map((part) => Buffer.from(part).toString('base64url'));
  return `${parts.join('.')}.${alg === 'none' ? '' : draw('url', 43, seed)}`;
}

function jwe(seed: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'RSA-OAEP', enc: 'A256GCM' })).toString('base64url');
  return [header, ...[342, 16, 63, 22].map((length) => draw('url', length, `${seed} ${length}`))].join('.');
}
