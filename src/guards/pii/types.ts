/** Kinds of personal data that the scanner knows. */
export type PiiType = 'credit_card' | 'ssn' | 'ip_address' | 'email' | 'phone';

/** Every type that there is, in the order of their names. */
export const PII_TYPES: readonly PiiType[] = Object.freeze(['credit_card', 'email', 'ip_address', 'phone', 'ssn']);

/** The types that are looked for unless told otherwise. An address of a machine is personal in some settings only. */
export const DEFAULT_PII_TYPES: readonly PiiType[] = Object.freeze(['credit_card', 'email', 'phone', 'ssn']);

/** Where a value of a type stands in a text. It never holds the value. */
export interface ScanFinding {
  readonly type: PiiType;
  /** Stable id: `pii/email`, `pii/credit-card`. */
  readonly rule: string;
  /** UTF-16 code units from the beginning of the text. */
  readonly start: number;
  /** UTF-16 code units, exclusive. */
  readonly end: number;
  /** 0..1. */
  readonly confidence: number;
}

/** What stands in a text where a value was: `[REDACTED_EMAIL]`. No recognizer matches it or any part of it. */
export function labelOf(type: PiiType): string {
  return `[REDACTED_${type.toUpperCase()}]`;
}
