export { type AllowList, MAX_ALLOWED } from './guards/pii/allow-list.ts';
export { PII_GUARD, type PiiOptions, pii } from './guards/pii/guard.ts';
export { LONG_KEY, MAX_TOKEN_CHARS } from './guards/pii/pointers.ts';
export {
  DEFAULT_PII_MODE,
  PII_MODES,
  type PiiMode,
  type PiiPolicy,
  type PiiPolicyOf,
} from './guards/pii/policy.ts';
export { MAX_FINDINGS } from './guards/pii/report.ts';
export { createScanner, type Scanner, type ScannerOptions } from './guards/pii/scanner.ts';
export { DEFAULT_PII_TYPES, labelOf, PII_TYPES, type PiiType, type ScanFinding } from './guards/pii/types.ts';
