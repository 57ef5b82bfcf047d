import { ConfigError } from './errors.ts';

/** Checks shared by all factories, so that every configuration error reads alike. */

/** @throws {ConfigError} if the options are no object, or one of them has no such name. */
export function knownOptions(where: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const code = options === undefined ? 'PTC_E001' : 'PTC_E002';
    throw new ConfigError(code, where, options, `give an object with ${known.join(', ')}`);
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new ConfigError(
        'PTC_E004',
        `${where}.${key}`,
        (options as Record<string, unknown>)[key],
        `use one of ${known.join(', ')}`,
      );
    }
  }
}

export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
}

/** Returns the number, or throws a {@link ConfigError} that names the option and its range. */
export function numberOption(option: string, value: unknown, fallback: number, range: NumberRange = {}): number {
  if (value === undefined) return fallback;
  const { min = -Infinity, max = Infinity, integer = false } = range;
  const remedy = `give a ${integer ? 'whole ' : ''}number${boundsText(min, max)}`;
  if (typeof value !== 'number' || Number.isNaN(value)) throw new ConfigError('PTC_E002', option, value, remedy);
  if (value < min || value > max || (integer && !Number.isSafeInteger(value))) {
    throw new ConfigError('PTC_E003', option, value, remedy);
  }
  return value;
}

function boundsText(min: number, max: number): string {
  if (min !== -Infinity && max !== Infinity) return ` from ${min} to ${max}`;
  if (min !== -Infinity) return `, ${min} or more`;
  if (max !== Infinity) return `, ${max} or less`;
  return '';
}

/** Returns one of the allowed words, or throws a {@link ConfigError} that lists them. */
export function wordOption<const T extends string>(
  option: string,
  value: unknown,
  fallback: T,
  allowed: readonly T[],
): T {
  if (value === undefined) return fallback;
  if (typeof value === 'string' && (allowed as readonly string[]).includes(value)) return value as T;
  throw new ConfigError(
    typeof value === 'string' ? 'PTC_E003' : 'PTC_E002',
    option,
    value,
    `use one of ${allowed.join(', ')}`,
  );
}

/** Returns the function, or throws; `undefined` is refused unless a fallback is given. */
export function functionOption<T>(option: string, value: T | undefined, remedy: string): T {
  if (typeof value === 'function') return value;
  throw new ConfigError(value === undefined ? 'PTC_E001' : 'PTC_E002', option, value, remedy);
}
