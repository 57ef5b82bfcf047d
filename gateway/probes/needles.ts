import { Buffer } from 'node:buffer';

/** Something that must not be found. */
export interface Secret {
  /** What it is, for the report: `METRICS_PASS`. */
  readonly name: string;
  readonly value: string;
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
export const LOOKS_SECRET = 'a private key or a connection string';
/** What no text of ours holds, whoever's it is: private keys, and connection strings with a password. */
const PATTERNS = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"\\]{1,64}:[^\s/@"\\]{1,256}@/i,
] as const;

export function needlesOf(secrets: readonly Secret[]): readonly Needle[] {
  return secrets
    .filter(({ value }) => value.length >= MIN_SECRET_CHARS)
    .map(({ name, value, isTenantKey = false }) => {
      const bytes = Buffer.from(value);
      const forms = [
        value,
        JSON.stringify(value).slice(1, -1),
        encodeURIComponent(value),
        ...base64Forms(bytes),
        bytes.toString('hex'),
      ];
      return { name, isTenantKey, forms: [...new Set(forms)] };
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
export function foundIn(text: string, needles: readonly Needle[]): readonly string[] {
  return needles.filter(({ forms }) => forms.some((form) => text.includes(form))).map(({ name }) => name);
}

export function looksSecret(text: string): boolean {
  return PATTERNS.some((pattern) => pattern.test(text));
}
