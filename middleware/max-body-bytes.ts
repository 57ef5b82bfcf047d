import { numberOption } from '../src/options.ts';

/** Bytes of a body, after decompression, that are taken in at most. */
const DEFAULT_MAX_BODY_BYTES = 1_048_576;

/** Largest cap on a body, in bytes: what Node can still hold in one buffer, with room to spare. */
const MAX_MAX_BODY_BYTES = 2 ** 30;

/** @throws {ConfigError} naming the option. */
export function maxBodyBytesOption(option: string, value: number | undefined): number {
  return numberOption(option, value, DEFAULT_MAX_BODY_BYTES, { min: 1, max: MAX_MAX_BODY_BYTES, integer: true });
}
