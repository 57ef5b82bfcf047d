import { ConfigError } from '../../errors.ts';
import { knownOptions, numberOption } from '../../options.ts';
import type { Kit } from './kit.ts';
import type { ScannerOptions } from './scanner.ts';
import { PII_TYPES, type PiiType } from './types.ts';

/**
 * Checks thresholds and returns them by type.
 *
 * @throws {ConfigError} naming the option.
 */
export function checkThreshold(
  option: string,
  threshold: ScannerOptions['threshold'],
): Readonly<Partial<Record<PiiType, number>>> {
  if (threshold === undefined) return {};
  const range = { min: 0, max: 1 };
  if (typeof threshold !== 'object' || threshold === null) {
    const all = numberOption(option, threshold, 0, range);
    return Object.fromEntries(PII_TYPES.map((type) => [type, all]));
  }
  knownOptions(option, threshold, PII_TYPES);
  for (const [type, value] of Object.entries(threshold)) numberOption(`${option}.${type}`, value, 0, range);
  return threshold;
}

/**
 * Checks a list of types and returns it sorted, each type once.
 *
 * @param kit what there is to choose from, and what is chosen by default
 * @throws {ConfigError} naming the option.
 */
export function checkTypes(
  option: string,
  types: readonly PiiType[] | undefined,
  { types: known, defaultTypes }: Pick<Kit, 'types' | 'defaultTypes'>,
): readonly PiiType[] {
  if (types === undefined) return defaultTypes;
  const remedy = `give an array of one or more of ${known.join(', ')}`;
  if (!Array.isArray(types)) throw new ConfigError('PTC_E002', option, types, remedy);
  if (types.length === 0 || !types.every((type) => known.includes(type))) {
    throw new ConfigError('PTC_E003', option, types, remedy);
  }
  return Object.freeze(known.filter((type) => types.includes(type)));
}
