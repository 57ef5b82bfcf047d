import { decodeBase64 } from '../base64.ts';
import type { DecisionCode } from '../errors.ts';
import type { JsonDocument } from '../json.ts';
import { isDateTime } from '../rfc3339.ts';
import type { FaultTolerance, PcsRecord, Regime } from './record.ts';

/** The schema that a record names. */
export const PCS_SCHEMA = 'fractal-lba-kakeya';

/** Scales of a record: smallest and largest. */
export const MIN_SCALE = 1;
export const MAX_SCALE = 1_024;

/** Digits of `seed` at most: reading a number takes more than linear time in its digits. */
export const MAX_SEED_DIGITS = 1_000;

/** Why a field was refused. It says what should have been there, never what was. */
export interface Wrong {
  readonly wrong: DecisionCode;
  readonly expected: string;
  /** Member of the field that is wrong, with a slash before it. From our own names only. */
  readonly member?: string;
}

type Reader<T> = (value: unknown, document: JsonDocument) => T | Wrong;

const SHARD_ID = /^[A-Za-z0-9._:-]{1,128}$/;
const HEX64 = /^[0-9a-f]{64}$/;
/** Short enough to be a safe integer. */
const INTEGER_KEY = /^(?:0|-?[1-9]\d{0,14})$/;
const INTEGER = /^-?(?:0|[1-9]\d*)$/;
const REGIMES: readonly unknown[] = ['sticky', 'mixed', 'non_sticky'] satisfies Regime[];

function wrong(expected: string, code: DecisionCode = 'PTC_D402', member?: string): Wrong {
  return { wrong: code, expected, ...(member !== undefined && { member }) };
}

/** Whether a reader refused. No field's value has a member of this name: readers build their objects themselves. */
export function isWrong(read: unknown): read is Wrong {
  return typeof read === 'object' && read !== null && Object.hasOwn(read, 'wrong');
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const text: Reader<string> = (value) =>
  typeof value === 'string' && value !== '' ? value : wrong('a string that is not empty');

const hex64: Reader<string> = (value) =>
  typeof value === 'string' && HEX64.test(value) ? value : wrong('64 lower-case hexadecimal digits');

const number: Reader<number> = (value) =>
  typeof value === 'number' && Number.isFinite(value) ? value : wrong('a finite number');

/** The digits decide, not the double: 2^53 + 1 and 1.00000000000000000001 both read as neighbours they are not. */
function wholeNumber(key: string, min: number): Reader<number> {
  return (value, document) => {
    const isPlain = INTEGER.test(document.numberText(key) ?? '') && Number.isSafeInteger(value);
    return isPlain && (value as number) >= min
      ? (value as number) + 0
      : wrong(`a whole number from ${min} to ${Number.MAX_SAFE_INTEGER}`);
  };
}

const seed: Reader<bigint> = (_value, document) => {
  const digits = document.numberText('seed');
  if (digits === undefined || digits.length > MAX_SEED_DIGITS || !INTEGER.test(digits)) {
    return wrong(`a whole number of at most ${MAX_SEED_DIGITS} digits, without fraction or exponent`);
  }
  return BigInt(digits);
};

const scales: Reader<readonly number[]> = (value) => {
  const expected = `at least two different whole numbers from ${MIN_SCALE} to ${MAX_SCALE}`;
  if (!Array.isArray(value) || value.length < 2) return wrong(expected);
  const seen = new Set<number>();
  for (const scale of value as readonly unknown[]) {
    if (typeof scale !== 'number' || !Number.isInteger(scale) || seen.has(scale)) return wrong(expected);
    if (scale < MIN_SCALE || scale > MAX_SCALE) return wrong(expected, 'PTC_D406');
    seen.add(scale);
  }
  return Object.freeze([...seen]);
};

const boxCounts: Reader<ReadonlyMap<number, number>> = (value) => {
  if (!isObject(value)) return wrong('an object from scale to box count');
  const counts = new Map<number, number>();
  for (const key of Object.keys(value)) {
    if (!INTEGER_KEY.test(key)) return wrong('an object whose keys are scales in plain decimal');
    const scale = Number(key);
    if (scale < MIN_SCALE || scale > MAX_SCALE) {
      return wrong(`an object whose keys are scales from ${MIN_SCALE} to ${MAX_SCALE}`, 'PTC_D406');
    }
    const count = value[key];
    if (!Number.isSafeInteger(count) || (count as number) < 1) return wrong('an object of whole numbers, 1 or more');
    counts.set(scale, count as number);
  }
  return counts;
};

const vector: Reader<readonly [number, number, number]> = (value) => {
  if (Array.isArray(value) && value.length === 3 && value.every(Number.isFinite)) {
    const [x, y, z] = value as [number, number, number];
    return Object.freeze([x, y, z] as const);
  }
  return wrong('three finite numbers');
};

const regime: Reader<Regime> = (value) =>
  REGIMES.includes(value) ? (value as Regime) : wrong('sticky, mixed or non_sticky');

const base64: Reader<string> = (value) =>
  typeof value === 'string' && decodeBase64(value) !== undefined ? value : wrong('standard base64 with padding');

/** A signature that cannot be one is a failed authentication (401), not a malformed record. */
const signature: Reader<string> = (value) => {
  if (typeof value !== 'string') return wrong('a string');
  return decodeBase64(value) === undefined ? wrong('standard base64 with padding', 'PTC_D302') : value;
};

const FT: { readonly [K in keyof FaultTolerance]: readonly [(value: unknown) => boolean, expected: string] } = {
  outbox_seq: [Number.isSafeInteger, 'a whole number'],
  degraded: [(value) => typeof value === 'boolean', 'true or false'],
  fallbacks: [(value) => Array.isArray(value) && value.every((item) => typeof item === 'string'), 'a list of strings'],
  clock_skew_ms: [Number.isSafeInteger, 'a whole number'],
};

const FT_MEMBERS = /* @__PURE__ */ Object.entries(FT);

const faultTolerance: Reader<FaultTolerance> = (value) => {
  if (!isObject(value)) return wrong('an object');
  const read: Partial<Record<keyof FaultTolerance, unknown>> = {};
  for (const [name, [isRight, expected]] of FT_MEMBERS) {
    if (!Object.hasOwn(value, name)) return wrong('there', 'PTC_D401', `/${name}`);
    if (!isRight(value[name])) return wrong(expected, 'PTC_D402', `/${name}`);
    read[name as keyof FaultTolerance] = value[name];
  }
  return Object.freeze(read as unknown as FaultTolerance);
};

/** One reader a field, in the order in which they are checked: the schema first, the signature last. */
export const FIELD_READERS: { readonly [K in keyof Required<PcsRecord>]: Reader<PcsRecord[K]> } = {
  schema: (value) => (value === PCS_SCHEMA ? PCS_SCHEMA : wrong(PCS_SCHEMA, 'PTC_D403')),
  version: text,
  pcs_id: hex64,
  shard_id: (value) =>
    typeof value === 'string' && SHARD_ID.test(value) ? value : wrong('1 to 128 letters, digits or any of . _ : -'),
  epoch: wholeNumber('epoch', 0),
  attempt: wholeNumber('attempt', 1),
  sent_at: (value) =>
    typeof value === 'string' && isDateTime(value) ? value : wrong('an RFC 3339 date and time with offset'),
  seed,
  scales,
  N_j: boxCounts,
  coh_star: number,
  v_star: vector,
  D_hat: number,
  r: number,
  regime,
  budget: number,
  merkle_root: hex64,
  ft: faultTolerance,
  vrf_proof: base64,
  vrf_output: base64,
  sig: signature,
};
