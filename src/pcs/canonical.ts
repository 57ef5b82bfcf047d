import { sha256 } from '../sha256.ts';
import { utf8 } from '../utf8.ts';
import { roundNano, shortestDecimal } from './nano.ts';
import type { PcsRecord } from './record.ts';

/** How a client writes numbers and what it feeds to the MAC. */
export type PcsProfile = 'py-digest' | 'py-direct' | 'js-digest' | 'js-direct';

/** Every profile in the field. */
export const PCS_PROFILES: readonly PcsProfile[] = Object.freeze(['py-digest', 'py-direct', 'js-digest', 'js-direct']);

/** The fields that a signature covers. */
export type SignedFields = Pick<
  PcsRecord,
  'D_hat' | 'budget' | 'coh_star' | 'epoch' | 'merkle_root' | 'pcs_id' | 'r' | 'shard_id'
>;

export interface SignedText {
  readonly profile: PcsProfile;
  readonly text: string;
}

/** The bytes that one profile signs, per algorithm. */
export interface SignedInput {
  readonly profile: PcsProfile;
  /** Input of HMAC-SHA256: the text's UTF-8 bytes, or their SHA-256. */
  readonly hmac: Uint8Array;
  /** Input of Ed25519: always the 32-byte SHA-256 of the text. */
  readonly ed25519: Uint8Array;
}

/**
 * The signed text of a record under each of the profiles: JSON of the eight signed fields, keys sorted by code
 * point, no spaces. `py-*` writes numbers as Python's `repr` after rounding half up in decimal; `js-*` as ECMAScript
 * after `Math.round(x * 1e9) / 1e9`. Texts are injective in the rounded values.
 *
 * @example
 * signedTexts(record, ['py-direct'])[0].text; // '{"D_hat":1.0,"budget":0.349073359,…}'
 */
export function signedTexts(record: SignedFields, profiles: readonly PcsProfile[]): readonly SignedText[] {
  const write = textWriter(record);
  let python: string | undefined;
  let ecmaScript: string | undefined;
  return profiles.map((profile) => {
    if (profile === 'py-digest' || profile === 'py-direct') {
      python ??= write(pythonRounded);
      return { profile, text: python };
    }
    ecmaScript ??= write(ecmaScriptRounded);
    return { profile, text: ecmaScript };
  });
}

/**
 * The bytes that each profile signs. Each text is hashed once.
 *
 * @example
 * const [{ hmac }] = signedInputs(record, ['js-direct']);
 */
export function signedInputs(record: SignedFields, profiles: readonly PcsProfile[]): SignedInput[] {
  // Profiles that write a record alike share its bytes, which are then tried once.
  const made: { readonly text: string; readonly bytes: Uint8Array; readonly digest: Uint8Array }[] = [];
  return signedTexts(record, profiles).map(({ profile, text }) => {
    let input = made.find((one) => one.text === text);
    if (input === undefined) {
      const bytes = utf8(text);
      input = { text, bytes, digest: sha256(bytes) };
      made.push(input);
    }
    const { bytes, digest } = input;
    return { profile, hmac: profile === 'py-digest' || profile === 'js-digest' ? digest : bytes, ed25519: digest };
  });
}

/** The text's UTF-8 bytes, or their SHA-256 (32 bytes) if `digest` is set. */
export function macInput(text: string, digest: boolean): Uint8Array {
  const bytes = utf8(text);
  return digest ? sha256(bytes) : bytes;
}

/**
 * A finite double as Python 3's `repr` writes it: the shortest digits, always with a fraction or an exponent,
 * exponents from 1e16 on and below 1e-4, with two digits at least.
 *
 * @example
 * pythonRepr(1); // '1.0'
 * pythonRepr(0.00005); // '5e-05'
 */
export function pythonRepr(x: number): string {
  const size = Math.abs(x);
  if (size >= 1e-4 && size < 1e16) {
    // Here ECMAScript writes the same, but for whole numbers.
    const text = String(x);
    return text.includes('.') ? text : `${text}.0`;
  }
  const { negative, digits, exponent } = shortestDecimal(x);
  const sign = negative ? '-' : '';
  if (exponent < -4 || exponent >= 16) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const power = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${digits.charAt(0)}${fraction}e${exponent < 0 ? '-' : '+'}${power}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  return `${sign}${digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')}.${digits.slice(exponent + 1) || '0'}`;
}

type NumberText = (x: number) => string;

function pythonRounded(x: number): string {
  return pythonRepr(roundNano(x));
}

function ecmaScriptRounded(x: number): string {
  const scaled = x * 1e9;
  // From 1.8e299 on the product overflows, and all such numbers would share one text.
  return String(Number.isFinite(scaled) ? Math.round(scaled) / 1e9 : x);
}

/** What all texts of a record share is written once. */
function textWriter(record: SignedFields): (number: NumberText) => string {
  const { D_hat, budget, coh_star, r } = record;
  const ids =
    `,"epoch":${record.epoch},"merkle_root":${JSON.stringify(record.merkle_root)}` +
    `,"pcs_id":${JSON.stringify(record.pcs_id)},"r":`;
  const end = `,"shard_id":${JSON.stringify(record.shard_id)}}`;
  return (number) =>
    `{"D_hat":${number(D_hat)},"budget":${number(budget)},"coh_star":${number(coh_star)}${ids}${number(r)}${end}`;
}
