import { ConfigError } from '../errors.ts';

/** What such a word is. */
export const RECORD_LABEL: RegExp = /^[A-Za-z0-9._:-]{1,64}$/;

/**
 * Checks a word that stands in every record: the version of a policy, a region.
 *
 * @throws {ConfigError} PTC_E002 for anything but 1 to 64 of `A-Z a-z 0-9 . _ : -`.
 */
export function recordLabel(option: string, value: string | undefined, fallback: string): string {
  if (value === undefined) return fallback;
  if (typeof value === 'string' && RECORD_LABEL.test(value)) return value;
  throw new ConfigError('PTC_E002', option, value, 'give 1 to 64 letters, digits, dots, dashes, underscores, colons');
}
