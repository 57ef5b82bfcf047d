import { sha256Hex } from '../sha256.ts';
import { utf8 } from '../utf8.ts';
import type { PcsPolicy } from './policy.ts';

/**
 * Names a policy by its content: SHA-256 of the parameters as one line of JSON, names sorted by code point, ECMAScript's number
 * text, a line feed at the end; 64 lower-case hexadecimal digits. `jq -cS . policy.json | sha256sum` gives the same for
 * a file that holds all of them, as long as no number is below 0.0001.
 *
 * @example
 * policyHash(DEFAULT_PCS_POLICY); // 'cf5e…'
 */
export function policyHash(policy: PcsPolicy): string {
  const sorted = Object.entries(policy).sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256Hex(utf8(`${JSON.stringify(Object.fromEntries(sorted))}\n`));
}
