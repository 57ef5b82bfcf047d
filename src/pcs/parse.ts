import type { DecisionCode } from '../errors.ts';
import type { JsonDocument } from '../json.ts';
import { FIELD_READERS, isObject, isWrong } from './fields.ts';
import type { PcsRecord } from './record.ts';

export type PcsResult =
  | { readonly ok: true; readonly record: PcsRecord }
  | {
      readonly ok: false;
      readonly code: DecisionCode;
      /** RFC 6901 pointer to the field, of our own names only. */
      readonly pointer: string;
      /** Names the field and what should be there, never what was. */
      readonly detail: string;
    };

const OPTIONAL: readonly string[] = ['vrf_proof', 'vrf_output'];
const READERS = /* @__PURE__ */ Object.entries(FIELD_READERS);

/**
 * Reads a PCS record from parsed JSON, strictly: own properties only, every field there, of its type and in the
 * range of its format. Whether the numbers agree with each other is not asked here. Fields that the format does not
 * know are left out of the record. Linear in the document; never throws. The record is frozen.
 *
 * @example
 * const json = parseJson(body);
 * const result = json.ok ? parsePcs(json.document) : json;
 */
export function parsePcs(document: JsonDocument): PcsResult {
  const body = document.value;
  if (!isObject(body)) return refuse('PTC_D402', '', 'The body must be a JSON object.');
  const record: Partial<Record<keyof PcsRecord, unknown>> = {};
  for (const [name, read] of READERS) {
    if (!Object.hasOwn(body, name)) {
      if (OPTIONAL.includes(name)) continue;
      // Nobody vouches for a record without a signature: that is a 401, not a 400.
      return refuse(name === 'sig' ? 'PTC_D301' : 'PTC_D401', `/${name}`, `Field ${name} is missing.`);
    }
    const value = read(body[name], document);
    if (!isWrong(value)) {
      record[name as keyof PcsRecord] = value;
      continue;
    }
    const { wrong, expected, member = '' } = value;
    const field = `${name}${member.replace('/', '.')}`;
    const says = wrong === 'PTC_D401' ? `Field ${field} is missing.` : `Field ${field} must be ${expected}.`;
    return refuse(wrong, `/${name}${member}`, says);
  }
  return { ok: true, record: Object.freeze(record as unknown as PcsRecord) };
}

function refuse(code: DecisionCode, pointer: string, detail: string): PcsResult {
  return { ok: false, code, pointer, detail };
}
