import { ConfigError } from '../../errors.ts';
import type { Guard } from '../../guard.ts';
import { makePii, type PiiOptions } from './guard.ts';
import { type Kit, kitOf } from './kit.ts';
import type { Recognizer } from './recognizers/recognizer.ts';
import { makeScanner, type Scanner, type ScannerOptions } from './scanner.ts';
import type { PiiType } from './types.ts';

/** Knows one type of personal data. What else it holds is not for users and may change. */
export type PiiRecognizer = Readonly<Pick<Recognizer, 'type'>>;

/** Options of {@link slimPii}: those of `pii` without patterns of one's own. */
export type SlimPiiOptions = Omit<PiiOptions, 'patterns' | 'engine'>;

/** Options of {@link slimScanner}: those of `createScanner` without patterns of one's own. */
export type SlimScannerOptions = Omit<ScannerOptions, 'patterns' | 'engine'>;

/**
 * The guard `pii` with the recognizers that it is given and no others, so that a bundle holds only these. Without `types`
 * it looks for those of them that `pii` would look for, or for all if there are none. A type in a key of the body that
 * no recognizer here knows is shown in a place as it stands.
 *
 * @throws {ConfigError} for an option or a recognizer that cannot work.
 *
 * @example
 * const guard = slimPii([email, phone, creditCard], { mode: 'redact' });
 */
export function slimPii(recognizers: readonly PiiRecognizer[], options: SlimPiiOptions = {}): Guard {
  return makePii(slimKit('slimPii.recognizers', recognizers), options);
}

/**
 * `createScanner` with the recognizers that it is given and no others, so that a bundle holds only these.
 *
 * @throws {ConfigError} for an option or a recognizer that cannot work.
 *
 * @example
 * slimScanner([phone]).redact('Call (415) 555-2671').text; // 'Call [REDACTED_PHONE]'
 */
export function slimScanner(recognizers: readonly PiiRecognizer[], options: SlimScannerOptions = {}): Scanner {
  return makeScanner(slimKit('slimScanner.recognizers', recognizers), 'scanner', options);
}

function slimKit(option: string, recognizers: readonly PiiRecognizer[]): Kit {
  const remedy = 'give an array of one or more recognizers of portcullis/pii-slim';
  if (!Array.isArray(recognizers) || recognizers.length === 0 || !recognizers.every(isRecognizer)) {
    throw new ConfigError('PTC_E002', option, recognizers, remedy);
  }
  const known: Partial<Record<PiiType, Recognizer>> = {};
  for (const recognizer of recognizers) known[recognizer.type] = recognizer;
  const kit = kitOf(known, undefined);
  if (kit.types.length === 0) throw new ConfigError('PTC_E003', option, recognizers, remedy);
  return kit;
}

function isRecognizer(value: unknown): value is Recognizer {
  const { type, rule, find, findWord } = (value ?? {}) as Partial<Recognizer>;
  const isAsked = typeof find === 'function' || typeof findWord === 'function';
  return typeof type === 'string' && typeof rule === 'string' && isAsked;
}
