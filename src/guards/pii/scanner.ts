import { ConfigError } from '../../errors.ts';
import { knownOptions } from '../../options.ts';
import { type AllowList, allowList } from './allow-list.ts';
import { type Plan, planOf, scanText } from './pass.ts';
import { RECOGNIZERS } from './recognizers/table.ts';
import { redactFindings } from './redact.ts';
import { DEFAULT_PII_TYPES, PII_TYPES, type PiiType, type ScanFinding } from './types.ts';

export interface ScannerOptions {
  /** What to look for. Default {@link DEFAULT_PII_TYPES}. */
  readonly types?: readonly PiiType[];
  /** Values that are found and let be. Default: none. */
  readonly allow?: AllowList;
}

export interface Scanner {
  readonly types: readonly PiiType[];
  /** Findings in the order in which they stand in the text; no two overlap. */
  scan(text: string): ScanFinding[];
  /** The text with each finding replaced by its label, and where the findings were. */
  redact(text: string): { text: string; findings: ScanFinding[] };
}

/**
 * Makes a scanner for personal data. It holds no state between calls. One pass over the text, which jumps to the next
 * character that a value must contain; linear in the text for any text, lone surrogates included; never throws.
 * Of two values that overlap, the longer counts, then the more specific.
 *
 * @throws {ConfigError} if an option is unknown or of the wrong type.
 *
 * @example
 * const scanner = createScanner({ types: ['email', 'phone'] });
 * scanner.redact('Call (415) 555-2671').text; // 'Call [REDACTED_PHONE]'
 */
export function createScanner(options: ScannerOptions = {}): Scanner {
  knownOptions('scanner', options, ['types', 'allow']);
  const types = checkTypes('scanner.types', options.types);
  const allows = options.allow === undefined ? undefined : allowList('scanner.allow', options.allow);
  const plan: Plan = planOf(RECOGNIZERS.filter(({ type }) => types.includes(type)));

  function scan(text: string): ScanFinding[] {
    const findings = scanText(text, plan);
    return allows === undefined ? findings : findings.filter(({ start, end }) => !allows(text.slice(start, end)));
  }

  return Object.freeze({
    types,
    scan,
    redact(text: string) {
      const findings = scan(text);
      return { text: redactFindings(text, findings), findings };
    },
  });
}

/**
 * Checks a list of types and returns it sorted, each type once.
 *
 * @throws {ConfigError} naming the option.
 */
export function checkTypes(option: string, types: readonly PiiType[] | undefined): readonly PiiType[] {
  if (types === undefined) return DEFAULT_PII_TYPES;
  const remedy = `give an array of one or more of ${PII_TYPES.join(', ')}`;
  if (!Array.isArray(types)) throw new ConfigError('PTC_E002', option, types, remedy);
  if (types.length === 0 || !types.every((type) => PII_TYPES.includes(type))) {
    throw new ConfigError('PTC_E003', option, types, remedy);
  }
  return Object.freeze(PII_TYPES.filter((type) => types.includes(type)));
}
