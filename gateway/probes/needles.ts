import { Buffer } from 'node:buffer';

/** Something that must not be found. */
export interface Secret {
  /** What it is, for the report: `METRICS_PASS`. */
  readonly name: string;
  /** Text as it is written, or bytes, which only ever stand in a text encoded. */
  readonly value: string | Uint8Array;
  /** Keys of tenants stand in the table of tenants, by its purpose. */
  readonly isTenantKey?: boolean;
}

/** A secret in the forms that it may have been written in. */
export interface Needle {
  readonly name: string;
  readonly isTenantKey: boolean;
  readonly forms: readonly string[];
}

/** Shorter ones would be found by chance. */
export const MIN_SECRET_CHARS = 8;
/** Characters of what {@link looksSecret} finds, at most. */
export const MAX_PATTERN_CHARS = 400;
/** What {@link looksSecret} finds, for the report. */
export const LOOKS_SECRET = 'a private key, a token of the admin API or a connection string';
/** What no text of ours holds, whoever's it is: private keys, those of notes too, tokens, and connection strings with a password. */
const PATTERNS = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /PRIVATE\+KEY\+[^\s+]{1,256}\+[0-9a-f]{8}\+/,
  /(?<![A-Za-z0-9_-])ptc_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/,
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"\\]{1,64}:[^\s/@"\\]{1,256}@/i,
] as const;

export function needlesOf(secrets: readonly Secret[]): readonly Needle[] {
  return secrets
    .filter(({ value }) => value.length >= MIN_SECRET_CHARS)
    .map(({ name, value, isTenantKey = false }) => {
      const bytes = Buffer.from(value as string);
      const texts =
        typeof value === 'string' ? [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)] : [];
      return { name, isTenantKey, forms: [...new Set([...texts, ...base64Forms(bytes), bytes.toString('hex')])] };
    });
}

/** As base64 and base64url write it, whatever stands before and behind it: three ways to cut bytes into groups of six bits. */
function base64Forms(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const whole = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [whole, whole.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** Names of the needles that a text holds. */
export type Finder = (text: string) => ReadonlySet<string>;

/** Bits of a place in the table of beginnings. */
const TABLE_BITS = 20;
/** 2^32 divided by the golden ratio: spreads what differs in a few bits. */
const SPREAD = 0x9e3779b1;

/**
 * Makes what looks for all needles at once, in a time that grows with the text and hardly with the needles: stored tenants are many.
 * Each character shifts a number that knows the last eight, as few as a form has, and forms are compared where it is that of one.
 */
export function newFinder(needles: readonly Needle[]): Finder {
  const beginnings = new Uint8Array(2 ** TABLE_BITS);
  const byBeginning = new Map<number, { readonly name: string; readonly form: string }[]>();
  for (const { name, forms } of needles) {
    for (const form of forms) {
      let last = 0;
      for (let at = 0; at < MIN_SECRET_CHARS; at++) last = (last << 4) ^ form.charCodeAt(at);
      beginnings[placeOf(last)] = 1;
      const same = byBeginning.get(last) ?? [];
      same.push({ name, form });
      byBeginning.set(last, same);
    }
  }
  return (text) => {
    const found = new Set<string>();
    let last = 0;
    for (let at = 0; at < text.length; at++) {
      last = (last << 4) ^ text.charCodeAt(at);
      if (beginnings[placeOf(last)] === 0) continue;
      for (const { name, form } of byBeginning.get(last) ?? []) {
        if (!found.has(name) && text.startsWith(form, at - MIN_SECRET_CHARS + 1)) found.add(name);
      }
    }
    return found;
  };
}

function placeOf(last: number): number {
  return Math.imul(last, SPREAD) >>> (32 - TABLE_BITS);
}

export function looksSecret(text: string): boolean {
  return PATTERNS.some((pattern) => pattern.test(text));
}
