import { DECISION_CODES, type DecisionCode } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import { defineGuard, type Guard, type Place, type Verdict } from '../guard.ts';
import { claimsUtf8, parseMediaType } from '../media-type.ts';
import { pcsId } from './id.ts';
import { parsePcs } from './parse.ts';
import { PCS_FACT } from './record.ts';

/** Versions of the record's format that the header `X-PCS-Schema-Version` may name. */
export const SUPPORTED_PCS_VERSIONS: readonly string[] = Object.freeze(['0.1']);

const VERSION_HEADER = 'x-pcs-schema-version';
const JSON_TYPE = /^application\/(?:[a-z0-9!#$&^_.+-]+\+)?json$/;

/**
 * The guard `pcs-format`: takes a body apart as a PCS record and recomputes its id, so that everything behind it
 * works on a record it can trust the shape of. Refuses what is not one: 400, 401 for a signature that cannot be
 * one, 415 for another content type or charset. Publishes the facts `pcs` (the {@link PcsRecord}) and `pcs_id`.
 * Work is linear in the body.
 *
 * @example
 * const gate = createGate({ guards: [pcsFormat(), recompute()] });
 */
export function pcsFormat(): Guard {
  return defineGuard({
    name: 'pcs-format',
    reads: 'body',
    defaultStage: 'enforce',
    inspect: inspectFormat,
  });
}

function inspectFormat(exchange: Exchange): Verdict {
  const type = exchange.header('content-type');
  const media = type === undefined ? undefined : parseMediaType(type);
  if (type !== undefined && !(media && JSON_TYPE.test(media.type))) {
    return deny('PTC_D104', 'Send application/json.', { in: 'header', name: 'content-type' });
  }
  if (media && !claimsUtf8(media)) {
    return deny('PTC_D104', 'Send JSON in UTF-8.', { in: 'header', name: 'content-type' });
  }
  const version = exchange.header(VERSION_HEADER);
  if (version !== undefined && !SUPPORTED_PCS_VERSIONS.includes(version.trim())) {
    const detail = `Supported schema versions: ${SUPPORTED_PCS_VERSIONS.join(', ')}.`;
    return deny('PTC_D404', detail, { in: 'header', name: VERSION_HEADER });
  }
  const json = exchange.json();
  if (!json.ok) return { kind: 'deny', code: json.code };
  const parsed = parsePcs(json.document);
  if (!parsed.ok) return deny(parsed.code, parsed.detail, { in: 'body', pointer: parsed.pointer });
  const { record } = parsed;
  if (record.pcs_id !== pcsId(record.merkle_root, record.epoch, record.shard_id)) {
    const detail = 'Field pcs_id must be the SHA-256 of merkle_root|epoch|shard_id.';
    return deny('PTC_D405', detail, { in: 'body', pointer: '/pcs_id' });
  }
  return { kind: 'pass', facts: { [PCS_FACT]: record, pcs_id: record.pcs_id } };
}

function deny(code: DecisionCode, detail: string, place: Place): Verdict {
  const rule = `pcs-format/${DECISION_CODES[code].reason.replaceAll('_', '-')}`;
  return { kind: 'deny', code, detail, findings: [{ rule, place, score: 1 }] };
}
