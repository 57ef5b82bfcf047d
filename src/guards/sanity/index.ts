export { type BoundsOptions, bounds } from './bounds.ts';
export { type FormatName, format, MAX_FORMAT_LENGTH } from './format.ts';
export { MAX_RULES, MAX_SANITY_FINDINGS, type SanityOptions, SEVERITY, sanity } from './guard.ts';
export { MAX_MONOTONIC_KEYS, type MonotonicOptions, monotonic } from './monotonic.ts';
export { relation } from './relation.ts';
export { required } from './required.ts';
export {
  defineRule,
  type OnViolation,
  PLAUSIBILITY_CODE,
  type Rule,
  type RuleOptions,
  STRUCTURE_CODE,
} from './rule.ts';
