import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DECISION_CODES } from '../../src/errors.ts';
import type { Verdict } from '../../src/guard.ts';
import { pcsFormat } from '../../src/pcs/format.ts';
import { PCS_FACT } from '../../src/pcs/record.ts';
import type { ExchangeParts } from '../../src/testing/build-exchange.ts';
import { inspectWith } from './context.ts';
import { realBodies, SAMPLE, SAMPLE_RECORD } from './sample.ts';

const inspect = (parts: ExchangeParts): Promise<Verdict> => inspectWith(pcsFormat(), parts);

describe('pcs-format', () => {
  it('is enforced unless told otherwise, and reads the body', () => {
    expect(pcsFormat()).toMatchObject({
      name: 'pcs-format',
      reads: 'body',
      defaultStage: 'enforce',
      onError: 'closed',
    });
  });

  it('passes a record on as a fact', async () => {
    const verdict = await inspect({ body: SAMPLE });
    expect(verdict).toEqual({ kind: 'pass', facts: { [PCS_FACT]: SAMPLE_RECORD, pcs_id: SAMPLE.pcs_id } });
  });

  it('passes all 510 real records', async () => {
    for (const body of realBodies()) expect((await inspect({ body })).kind).toBe('pass');
  });

  it.each([
    'application/json',
    'Application/JSON; charset=utf-8',
    'application/json;charset="UTF-8"',
    'application/json; x=";charset=utf-7"',
    'application/vnd.pcs+json',
    ' application/json ',
  ])('takes content type %s', async (type) => {
    expect((await inspect({ body: SAMPLE, headers: { 'content-type': type } })).kind).toBe('pass');
  });

  it.each([
    'text/plain',
    'text/json',
    'application/jsonp',
    'application/xml',
    'json',
    '',
    'application/+json',
    'application/json, x',
  ])('refuses content type %j', async (type) => {
    expect(await inspect({ body: SAMPLE, headers: { 'content-type': type } })).toEqual({
      kind: 'deny',
      code: 'PTC_D104',
      detail: 'Send application/json.',
      findings: [
        { rule: 'pcs-format/unsupported-media-type', place: { in: 'header', name: 'content-type' }, score: 1 },
      ],
    });
  });

  it('takes a body without content type', async () => {
    const exchange = { body: SAMPLE, headers: { 'content-type': undefined as unknown as string } };
    expect((await inspect(exchange)).kind).toBe('pass');
  });

  it.each(['utf-16', 'UTF-16LE', '"utf-7"', 'latin1', 'us-ascii', '""'])('refuses charset %s', async (charset) => {
    const headers = { 'content-type': `application/json; charset=${charset}` };
    expect(await inspect({ body: SAMPLE, headers })).toEqual({
      kind: 'deny',
      code: 'PTC_D104',
      detail: 'Send JSON in UTF-8.',
      findings: [
        { rule: 'pcs-format/unsupported-media-type', place: { in: 'header', name: 'content-type' }, score: 1 },
      ],
    });
  });

  it.each([
    'application/json; charset=utf-8; charset=utf-7',
    'application/json; charset=utf-7; charset=utf-8',
    'application/json; x=";charset=utf-8"; charset=utf-7',
    'application/json; charset = utf-8',
    'application/json; charset=utf-8, x',
  ])('refuses what parsers read differently: %s', async (type) => {
    const verdict = await inspect({ body: SAMPLE, headers: { 'content-type': type } });
    expect(verdict).toMatchObject({ kind: 'deny', code: 'PTC_D104' });
  });

  it('takes schema version 0.1 and lists it where another is named', async () => {
    const at = (version: string): Promise<Verdict> =>
      inspect({ body: SAMPLE, headers: { 'x-pcs-schema-version': version } });
    expect((await at('0.1')).kind).toBe('pass');
    for (const version of ['0.2', '', '0.1, 0.1', 'zq9']) {
      expect(await at(version)).toMatchObject({
        kind: 'deny',
        code: 'PTC_D404',
        detail: 'Supported schema versions: 0.1.',
        findings: [{ rule: 'pcs-format/unsupported-version' }],
      });
    }
  });

  it.each([
    ['malformed', '{', 'PTC_D105'],
    ['empty', '', 'PTC_D105'],
    ['with a byte order mark', `\ufeff${JSON.stringify(SAMPLE)}`, 'PTC_D105'],
    ['not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'PTC_D106'],
    ['with a duplicate key', JSON.stringify(SAMPLE).replace('{', '{"epoch":2,'), 'PTC_D107'],
    ['with an escaped duplicate key', JSON.stringify(SAMPLE).replace('{', '{"\\u0065poch":2,'), 'PTC_D107'],
    ['too deep', `${'['.repeat(33)}${']'.repeat(33)}`, 'PTC_D108'],
  ] as const)('refuses a body that is %s', async (_name, body, code) => {
    expect(await inspect({ body })).toEqual({ kind: 'deny', code });
  });

  it.each([
    [{ epoch: '1' }, 'PTC_D402', 'pcs-format/field-type', '/epoch'],
    [{ schema: 'x' }, 'PTC_D403', 'pcs-format/wrong-schema', '/schema'],
    [{ scales: [2, 2000] }, 'PTC_D406', 'pcs-format/scale-out-of-range', '/scales'],
    [{ sig: '!' }, 'PTC_D302', 'pcs-format/signature-malformed', '/sig'],
    [{ ft: {} }, 'PTC_D401', 'pcs-format/field-missing', '/ft/outbox_seq'],
    [{ pcs_id: '0'.repeat(64) }, 'PTC_D405', 'pcs-format/pcs-id-mismatch', '/pcs_id'],
    [{ epoch: 2 }, 'PTC_D405', 'pcs-format/pcs-id-mismatch', '/pcs_id'],
    [{ shard_id: 'test-shard-002' }, 'PTC_D405', 'pcs-format/pcs-id-mismatch', '/pcs_id'],
    [{ merkle_root: 'f'.repeat(64) }, 'PTC_D405', 'pcs-format/pcs-id-mismatch', '/pcs_id'],
  ] as const)('refuses %j', async (change, code, rule, pointer) => {
    expect(await inspect({ body: { ...SAMPLE, ...change } })).toEqual({
      kind: 'deny',
      code,
      detail: expect.stringMatching(/^Field /),
      findings: [{ rule, place: { in: 'body', pointer }, score: 1 }],
    });
  });

  it('answers any bytes with a pass or a refusal of status 400, 401 or 415', async () => {
    const bodies = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json(), fc.string());
    await fc.assert(
      fc.asyncProperty(bodies, fc.option(fc.string(), { nil: undefined }), async (body, version) => {
        const headers = version === undefined ? {} : { 'x-pcs-schema-version': version };
        const verdict = await inspect({ body, headers });
        expect(verdict.kind).toBe('deny');
        if (verdict.kind === 'deny') expect([400, 401, 415]).toContain(DECISION_CODES[verdict.code].status);
      }),
    );
  });
});
