export { type AllowList, MAX_ALLOWED } from './guards/pii/allow-list.ts';
export { type CustomEngine, PatternFailure } from './guards/pii/custom/engine.ts';
export {
  type CustomPattern,
  DEFAULT_CONFIDENCE,
  MAX_PATTERN_CHARS,
  MAX_PATTERNS,
} from './guards/pii/custom/patterns.ts';
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
export {
  createScanner,
  type RedactorOptions,
  type Scanner,
  type ScannerOptions,
  type ScanOptions,
} from './guards/pii/scanner.ts';
export { createRedactor, createRedactStream, type Redactor } from './guards/pii/stream.ts';
export {
  DEFAULT_PII_TYPES,
  type FindingType,
  labelOf,
  PII_TYPES,
  type PiiType,
  type ScanFinding,
} from './guards/pii/types.ts';
