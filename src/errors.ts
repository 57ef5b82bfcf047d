/**
 * The one table of stable codes. A code is never reused and never changes its meaning.
 * `PTC_D…` is what a decision says to a client, `PTC_E…` stops start-up or marks a wiring fault,
 * `PTC_W…` is said once in a log. Each has a page in `docs/errors/`.
 */

export interface DecisionCodeInfo {
  /** HTTP status of the answer; 200 where the code only annotates an accepted request. */
  readonly status: number;
  /** Short, stable, safe to show to anyone. */
  readonly title: string;
  /** Machine-readable reason in lower_snake_case, as answers carry it. */
  readonly reason: string;
}

export const DECISION_CODES = {
  PTC_D101: { status: 413, title: 'Body too large', reason: 'body_too_large' },
  PTC_D102: { status: 415, title: 'Content encoding not supported', reason: 'unsupported_encoding' },
  PTC_D103: { status: 400, title: 'Body could not be read', reason: 'body_unreadable' },
  PTC_D104: { status: 415, title: 'Content type not supported', reason: 'unsupported_media_type' },
  PTC_D105: { status: 400, title: 'Malformed JSON', reason: 'malformed_json' },
  PTC_D106: { status: 400, title: 'Body is not UTF-8', reason: 'not_utf8' },
  PTC_D107: { status: 400, title: 'Duplicate JSON key', reason: 'duplicate_key' },
  PTC_D108: { status: 400, title: 'JSON nested too deeply', reason: 'too_deep' },
  PTC_D109: { status: 405, title: 'Method not allowed', reason: 'method_not_allowed' },
  PTC_D110: { status: 404, title: 'Not found', reason: 'not_found' },
  PTC_D201: { status: 400, title: 'Personal data not allowed', reason: 'personal_data' },
  PTC_D202: { status: 500, title: 'Response held back', reason: 'response_held_back' },
  PTC_D301: { status: 401, title: 'Signature missing', reason: 'signature_missing' },
  PTC_D302: { status: 401, title: 'Signature malformed', reason: 'signature_malformed' },
  PTC_D303: { status: 401, title: 'Signature wrong', reason: 'signature_wrong' },
  PTC_D304: { status: 401, title: 'Unknown tenant', reason: 'unknown_tenant' },
  PTC_D305: { status: 401, title: 'VRF proof invalid', reason: 'vrf_invalid' },
  PTC_D306: { status: 401, title: 'VRF proof missing', reason: 'vrf_missing' },
  PTC_D307: { status: 401, title: 'Credentials missing or wrong', reason: 'credentials_wrong' },
  PTC_D308: { status: 403, title: 'Scope missing', reason: 'scope_missing' },
  PTC_D401: { status: 400, title: 'Field missing', reason: 'field_missing' },
  PTC_D402: { status: 400, title: 'Field of the wrong type', reason: 'field_type' },
  PTC_D403: { status: 400, title: 'Wrong schema', reason: 'wrong_schema' },
  PTC_D404: { status: 400, title: 'Schema version not supported', reason: 'unsupported_version' },
  PTC_D405: { status: 400, title: 'pcs_id does not match its fields', reason: 'pcs_id_mismatch' },
  PTC_D406: { status: 400, title: 'Scale out of range', reason: 'scale_out_of_range' },
  PTC_D411: { status: 400, title: 'Request violates a rule', reason: 'rule_violated' },
  PTC_D412: { status: 202, title: 'Request is implausible', reason: 'implausible' },
  PTC_D501: { status: 202, title: 'D_hat does not match its recomputation', reason: 'd_hat_mismatch' },
  PTC_D502: { status: 202, title: 'Coherence out of bounds', reason: 'coherence_out_of_bounds' },
  PTC_D503: { status: 202, title: 'N_j missing for a scale', reason: 'nj_missing' },
  PTC_D504: { status: 202, title: 'Signal out of range', reason: 'signal_out_of_range' },
  PTC_D505: { status: 202, title: 'N_j not monotonic', reason: 'nj_not_monotonic' },
  PTC_D506: { status: 202, title: 'Regime does not match its signals', reason: 'regime_mismatch' },
  PTC_D507: { status: 202, title: 'Budget does not match its signals', reason: 'budget_mismatch' },
  PTC_D508: { status: 200, title: 'Anomaly score above the alert threshold', reason: 'anomaly_alert' },
  PTC_D509: { status: 202, title: 'Anomaly score above the escalate threshold', reason: 'anomaly' },
  PTC_D510: { status: 202, title: 'N_j grows faster than its grid allows', reason: 'nj_growth' },
  PTC_D601: { status: 429, title: 'Too many requests', reason: 'rate_exceeded' },
  PTC_D602: { status: 429, title: 'Daily quota used up', reason: 'quota_exceeded' },
  PTC_D603: { status: 429, title: 'Too many failed authentications', reason: 'failed_authentications' },
  PTC_D701: { status: 200, title: 'Answered before', reason: 'replayed' },
  PTC_D702: { status: 200, title: 'Same id with another body', reason: 'other_body' },
  PTC_D703: { status: 409, title: 'Already processed', reason: 'already_processed' },
  PTC_D801: { status: 503, title: 'A check failed', reason: 'guard_failed' },
  PTC_D802: { status: 503, title: 'A check took too long', reason: 'guard_timeout' },
  PTC_D803: { status: 503, title: 'The decision could not be recorded', reason: 'settle_failed' },
  PTC_D901: { status: 400, title: 'Tenant or request not valid', reason: 'tenant_invalid' },
  PTC_D902: { status: 409, title: 'There is such a tenant already', reason: 'tenant_exists' },
  PTC_D903: { status: 409, title: 'Tenant cannot be changed here', reason: 'tenant_read_only' },
  PTC_D904: { status: 412, title: 'Tenant has changed', reason: 'tenant_changed' },
  PTC_D905: { status: 428, title: 'If-Match missing', reason: 'if_match_missing' },
  PTC_D906: { status: 409, title: 'The last key cannot be taken away', reason: 'last_key' },
} as const;

export type DecisionCode = keyof typeof DECISION_CODES;

export const CONFIG_CODES = {
  PTC_E001: 'An option is missing',
  PTC_E002: 'An option has the wrong type',
  PTC_E003: 'An option is out of range',
  PTC_E004: 'An option is not known',
  PTC_E005: 'Two guards have the same name',
  PTC_E006: 'A stage names a guard that the gate does not have',
  PTC_E007: 'A stage is not valid',
  PTC_E008: 'A key is malformed',
  PTC_E009: 'Two tenants share a key',
  PTC_E010: 'The body was read before the gate could see its bytes',
  PTC_E011: 'An environment variable is not valid',
  PTC_E012: 'Not safe for production',
  PTC_E013: 'A file could not be opened',
  PTC_E014: 'A guard was asked for the body before it was read',
  PTC_E015: 'The server could not listen',
  PTC_E016: 'An optional package is missing',
  PTC_E017: 'A database cannot be used',
  PTC_E018: 'The ledger does not hold together',
} as const;

export type ConfigCode = keyof typeof CONFIG_CODES;

export const WARNING_CODES = {
  PTC_W001: 'Signatures are off',
  PTC_W002: 'Metrics are open to anyone',
  PTC_W003: 'A sink failed',
  PTC_W004: 'A log does not hold whole records only',
  PTC_W005: 'A bounded store evicted entries before their time',
  PTC_W006: 'A shared store does not answer',
  PTC_W007: 'A shared store is reached without encryption',
  PTC_W008: 'A stored tenant is left out',
} as const;

export type WarningCode = keyof typeof WARNING_CODES;

/**
 * Thrown while something is being configured, never while a request is inspected.
 * The message is one line: code, option, what was found (its kind, never its value), remedy.
 *
 * @example
 * throw new ConfigError('PTC_E003', 'maxBodyBytes', -1, 'give a whole number of bytes, 1 or more');
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code: ConfigCode;
  readonly option: string;

  constructor(code: ConfigCode, option: string, found: unknown, remedy: string) {
    super(oneLine(`${code} ${CONFIG_CODES[code]}: ${option} is ${kindOf(found)}; ${remedy}`));
    this.code = code;
    this.option = option;
  }
}

/**
 * Several mistakes that were found together, so that nobody mends one a start. The message has a line for each; code
 * and option are those of the first.
 */
export class ConfigErrors extends ConfigError {
  readonly errors: readonly ConfigError[];

  constructor(errors: readonly [ConfigError, ...ConfigError[]]) {
    const [{ code, option }] = errors;
    super(code, option, undefined, '');
    this.message = errors.map(({ message }) => message).join('\n');
    this.errors = errors;
  }
}

/** Names of options come from files too: a line break in one must not make a second line. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?');
}

/** Names the kind of a value without showing it: keys and passwords pass through configuration. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : `an array of ${value.length}`;
  switch (typeof value) {
    case 'string':
      return value === '' ? 'an empty string' : `a string of ${value.length} characters`;
    case 'number':
      return Number.isFinite(value) ? `the number ${value}` : 'not a finite number';
    case 'boolean':
      return String(value);
    case 'function':
      return 'a function';
    case 'object':
      return 'an object';
    default:
      return `a ${typeof value}`;
  }
}
