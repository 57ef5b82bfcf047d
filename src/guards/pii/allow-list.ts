import { ConfigError } from '../../errors.ts';
import { knownOptions } from '../../options.ts';

/** Values that are nobody's secret: `support@example.com`, the hotline, the company's own domain. */
export interface AllowList {
  /** Whole values, as they are written; letter case does not matter. */
  readonly values?: readonly string[];
  /** Whole domains of e-mail addresses, without their subdomains; letter case does not matter. */
  readonly domains?: readonly string[];
}

/** Whether a value is allowed. Its cost is that of one set look-up. */
export type Allows = (value: string) => boolean;

/** Entries that one allow-list may have. */
export const MAX_ALLOWED = 10_000;

/**
 * Checks an allow-list and turns it into a question.
 *
 * @throws {ConfigError} if it is no allow-list, or too long.
 */
export function allowList(option: string, list: AllowList): Allows {
  if (typeof list !== 'object' || list === null || Array.isArray(list)) {
    throw new ConfigError('PTC_E002', option, list, 'give an object with values, domains or both');
  }
  knownOptions(option, list, ['values', 'domains']);
  const values = lowered(`${option}.values`, list.values);
  const domains = lowered(`${option}.domains`, list.domains);
  for (const domain of domains) {
    if (!/[@*\s]/.test(domain)) continue;
    throw new ConfigError(
      'PTC_E002',
      `${option}.domains`,
      list.domains,
      'give domains alone: example.com, without @ or *',
    );
  }
  return (value) => {
    const lower = value.toLowerCase();
    const at = lower.lastIndexOf('@');
    return values.has(lower) || (at >= 0 && domains.has(lower.slice(at + 1)));
  };
}

function lowered(option: string, list: readonly string[] | undefined): ReadonlySet<string> {
  if (list === undefined) return new Set();
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === 'string' && entry !== '')) {
    throw new ConfigError('PTC_E002', option, list, 'give an array of texts that are not empty');
  }
  if (list.length > MAX_ALLOWED) throw new ConfigError('PTC_E003', option, list, `give ${MAX_ALLOWED} entries or less`);
  return new Set(list.map((entry) => entry.toLowerCase()));
}
