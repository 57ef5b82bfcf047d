/**
 * Every kind of personal data that the scanner knows, the most specific first: of two values equally long, in one place
 * and equally sure, the earlier type counts.
 */
export const PII_TYPES = [
  'credit_card',
  'iban',
  'secret',
  'ssn',
  'ip_address',
  'email',
  'phone',
  'us_itin',
  'us_aba',
  'us_passport',
  'us_driver_license',
  'uk_nhs',
  'uk_nino',
  'es_nif',
  'es_nie',
  'it_codice_fiscale',
  'de_tax_id',
  'fr_nir',
  'pl_pesel',
  'nl_bsn',
  'in_aadhaar',
  'in_pan',
  'sg_nric',
  'au_abn',
  'au_acn',
  'au_tfn',
  'au_medicare',
  'ca_sin',
  'br_cpf',
  'br_cnpj',
  'kr_rrn',
  'se_personnummer',
  'fi_hetu',
  'crypto_wallet',
  'mac_address',
  'vin',
  'date_of_birth',
] as const;

export type PiiType = (typeof PII_TYPES)[number];

/** The types that are looked for unless told otherwise. An address of a machine is personal in some settings only. */
export const DEFAULT_PII_TYPES: readonly PiiType[] = Object.freeze([
  'credit_card',
  'iban',
  'secret',
  'ssn',
  'email',
  'phone',
]);

/** Type of a finding: built in, or a custom pattern's. */
export type FindingType = PiiType | 'custom';

/** Where a value of a type stands in a text. It never holds the value. */
export interface ScanFinding {
  readonly type: FindingType;
  /** Stable id: `pii/email`, `pii/credit-card`, `pii/custom/employee-id`. */
  readonly rule: string;
  /** UTF-16 code units from the beginning of the text. */
  readonly start: number;
  /** UTF-16 code units, exclusive. */
  readonly end: number;
  /** 0..1. */
  readonly confidence: number;
  /** What redaction puts in its place, where that is not the type's: custom patterns have their own. */
  readonly label?: string;
}

/** What stands in a text where a value was: `[REDACTED_EMAIL]`. No recognizer matches it or any part of it. */
export function labelOf(type: FindingType): string {
  return `[REDACTED_${type.toUpperCase()}]`;
}
