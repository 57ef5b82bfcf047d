import { Buffer } from 'node:buffer';
import { encodeBase64 } from '../../../src/base64.ts';
import { edwards25519Tai } from '../../../src/guards/vrf/ecvrf.ts';
import { seedFromBeta } from '../../../src/guards/vrf/seed.ts';
import { pcsAlpha } from '../../../src/pcs/vrf.ts';
import { signedBody, type Wire, wireRecord } from '../../helpers/pcs.ts';
import { type RequestParts, request } from '../client.ts';
import { HMAC_KEY, VRF_SECRET } from '../policy.ts';
import { type Case, type Expected, JSON_TYPE, one, refusal } from './case.ts';

const PATH = '/v1/pcs/submit';

function submission(body: string | Uint8Array, tenant = 'acme', more: RequestParts = {}): RequestParts {
  const headers = [JSON_TYPE, ['X-Tenant-Id', tenant] as const, ...(more.headers ?? [])];
  return { path: PATH, body, ...more, headers };
}

/** A good record: D_hat 1 by its N_j, and a budget that holds. */
const GOOD: Wire = {
  scales: [2, 4, 8, 16],
  N_j: { '2': 4, '4': 8, '8': 17, '16': 20 },
  coh_star: 0.2,
  v_star: [0, 0.6, 0.8],
  D_hat: 1,
  r: 0.303088803,
  regime: 'mixed',
  budget: 0.349073359,
  seed: 42,
};
const good = (overrides: Wire = {}): Wire => wireRecord({ ...GOOD, ...overrides });
const signed = (overrides: Wire = {}): Promise<string> => signedBody(good(overrides), HMAC_KEY);
const unsigned = (overrides: Wire = {}): string => JSON.stringify({ ...good(overrides), sig: '' });

const accepted: Expected = {
  status: 200,
  json: { outcome: 'accepted', accepted: true, escalated: false, decision_id: 'decision-1' },
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
};

/** Rows of contract section 2 that are answered 202: what the record claims, why, and whether it is accepted. */
const escalations: readonly [string, Wire, string, boolean][] = [
  ['regime mismatch', { regime: 'sticky' }, 'regime_mismatch', true],
  ['budget off', { budget: 0.6 }, 'budget_mismatch', true],
  ['D_hat off', { D_hat: 2 }, 'd_hat_mismatch', false],
  ['coherence out of bounds', { coh_star: 1.2, budget: 0.549073359 }, 'coherence_out_of_bounds', false],
  ['N_j missing for a scale', { N_j: { '2': 4, '4': 8, '8': 17 } }, 'nj_missing', false],
  ['signal out of range', { r: 1.5, budget: 0 }, 'signal_out_of_range', false],
  ['N_j not monotonic', { N_j: { '2': 4, '4': 8, '8': 7, '16': 20 } }, 'nj_not_monotonic', false],
  ['anomaly', { N_j: { '2': 5, '4': 5, '8': 5, '16': 5 }, D_hat: 0, r: 0, budget: 0.44 }, 'anomaly', true],
];

/** Rows that are refused for what the body is: its text, status and code. */
function malformed(record: Wire): readonly [string, string | Uint8Array, string][] {
  const text = JSON.stringify(record);
  return [
    ['malformed JSON', text.slice(0, -1), 'PTC_D105'],
    ['no body', '', 'PTC_D105'],
    ['duplicate key', text.replace('{', '{"epoch":7,'), 'PTC_D107'],
    ['not UTF-8', Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xff, 0xfe), Buffer.from('"}')]), 'PTC_D106'],
    ['nested too deeply', text.replace('{', `{"deep":${'['.repeat(40)}${']'.repeat(40)},`), 'PTC_D108'],
    ['field missing', JSON.stringify({ ...record, N_j: undefined }), 'PTC_D401'],
    ['field of the wrong type', JSON.stringify({ ...record, epoch: '1' }), 'PTC_D402'],
    ['wrong schema', JSON.stringify({ ...record, schema: 'other' }), 'PTC_D403'],
    ['bad hex', JSON.stringify({ ...record, merkle_root: 'xyz' }), 'PTC_D402'],
    ['id mismatch', JSON.stringify({ ...record, epoch: 999_999, sig: encodeBase64(new Uint8Array(32)) }), 'PTC_D405'],
    ['scale out of range', JSON.stringify({ ...record, scales: [2, 4, 8, 2048] }), 'PTC_D406'],
  ];
}

const GUARD_OF: Readonly<Record<string, string>> = { PTC_D106: 'pii' };

/** Every row of contract section 2, with the PCS preset. */
export async function pcsCases(): Promise<Case[]> {
  const body = await signed();
  const other = JSON.stringify({ ...(JSON.parse(body) as Wire), attempt: 2 });
  const twice = (first: string, second: string, answers: Case['answers'], name: string, tenant?: string): Case => ({
    name,
    sends: [first, second].map((text) => ({ parts: request(submission(text, tenant)) })),
    answers,
    records: 2,
  });
  const cases: Case[] = [
    one('everything holds', submission(body), accepted, { records: 1 }),
    one('signed by another profile', submission(await signedBody(good(), HMAC_KEY, 'py-digest')), accepted, {
      records: 1,
    }),
    one('in one-byte chunks', submission(await signed(), 'acme', { chunks: [1, 1, 1, 2, 3, 500] }), accepted, {
      records: 1,
    }),
    twice(body, body, [accepted, { ...accepted, headers: {} }], 'replay: the first answer again'),
    twice(
      body,
      other,
      [accepted, { ...accepted, json: { ...accepted.json, decision_id: 'decision-2' } }],
      'same id with another body',
    ),
    twice(
      unsigned(),
      unsigned(),
      [
        accepted,
        refusal(429, 'PTC_D601', 'rate-limit', {
          headers: { 'retry-after': '4' },
          json: { decision_id: 'decision-2' },
        }),
      ],
      'over the rate',
      'slow',
    ),
    twice(
      unsigned(),
      unsigned(),
      [
        accepted,
        refusal(429, 'PTC_D602', 'rate-limit', {
          headers: { 'retry-after': '43200' },
          json: { decision_id: 'decision-2' },
        }),
      ],
      'over the daily quota',
      'daily',
    ),
  ];
  for (const [name, overrides, reason, isAccepted] of escalations) {
    const json = { outcome: 'escalated', accepted: isAccepted, escalated: true, reason };
    cases.push(one(`escalated: ${name}`, submission(await signed(overrides)), { status: 202, json }, { records: 1 }));
  }
  for (const [name, text, code] of malformed(good())) {
    cases.push(
      one(`400: ${name}`, submission(text), refusal(400, code, GUARD_OF[code] ?? 'pcs-format'), { records: 1 }),
    );
  }
  return [...cases, ...(await refusedForOthers())].map((each) => ({ ...each, name: `PCS, ${each.name}` }));
}

/** Rows that are refused for what is around the record, and for what it proves. */
async function refusedForOthers(): Promise<Case[]> {
  const record = good();
  const body = await signedBody(record, HMAC_KEY);
  const withSig = (sig: string): string => JSON.stringify({ ...record, sig });
  const proof = edwards25519Tai.prove(VRF_SECRET, pcsAlpha(String(record.pcs_id)));
  const seed = Number(seedFromBeta(edwards25519Tai.proofToHash(proof)!));
  const proven = { ...record, sig: '', seed, vrf_proof: encodeBase64(proof) };
  const wrong = submission(withSig(encodeBase64(new Uint8Array(32))));
  const r = { records: 1 };
  return [
    one(
      'version not supported',
      submission(body, 'acme', { headers: [['X-PCS-Schema-Version', '9']] }),
      refusal(400, 'PTC_D404', 'pcs-format'),
      r,
    ),
    one(
      'personal data is refused',
      submission(unsigned({ note: 'bob@example.com' }), 'strict'),
      refusal(400, 'PTC_D201', 'pii'),
      r,
    ),
    one('personal data is redacted', submission(await signed({ note: 'bob@example.com' })), accepted, r),
    one(
      'personal data in a signed field',
      submission(await signed({ shard_id: '078-05-1120' })),
      refusal(400, 'PTC_D201', 'pii'),
      r,
    ),
    one('signature missing', submission(withSig('')), refusal(401, 'PTC_D301', 'signature'), r),
    one('signature malformed', submission(withSig('AAAA')), refusal(401, 'PTC_D302', 'signature'), r),
    one('signature wrong', wrong, refusal(401, 'PTC_D303', 'signature'), r),
    one('proof holds', submission(JSON.stringify(proven), 'proven'), accepted, r),
    one('proof missing', submission(withSig(''), 'proven'), refusal(401, 'PTC_D306', 'vrf'), r),
    one(
      'proof invalid',
      submission(JSON.stringify({ ...proven, vrf_proof: encodeBase64(new Uint8Array(80)) }), 'proven'),
      refusal(401, 'PTC_D305', 'vrf'),
      r,
    ),
    one('unknown tenant', submission(body, 'nobody'), refusal(401, 'PTC_D304', 'tenant'), r),
    one('deactivated tenant', submission(body, 'gone'), refusal(401, 'PTC_D304', 'tenant'), r),
    one('no tenant', { path: PATH, body, headers: [JSON_TYPE] }, refusal(401, 'PTC_D304', 'tenant'), r),
    one(
      'wrong method',
      submission(body, 'acme', { method: 'PUT' }),
      refusal(405, 'PTC_D109', 'method', { headers: { allow: 'POST' } }),
    ),
    one('GET', { method: 'GET', path: PATH }, refusal(405, 'PTC_D109', 'method', { headers: { allow: 'POST' } })),
    one(
      'over the cap',
      { ...submission(Buffer.alloc(1_048_577, '1')), withheld: 1 },
      refusal(413, 'PTC_D101', 'pii'),
      r,
    ),
    one(
      'not JSON by its type',
      {
        path: PATH,
        body,
        headers: [
          ['Content-Type', 'text/plain'],
          ['X-Tenant-Id', 'acme'],
        ],
      },
      refusal(415, 'PTC_D104', 'pcs-format'),
      r,
    ),
    one(
      'unknown coding',
      submission(body, 'acme', { headers: [['Content-Encoding', 'zstd']] }),
      refusal(415, 'PTC_D102', 'pii'),
      r,
    ),
    {
      name: 'failed authentications',
      sends: Array.from({ length: 21 }, () => ({ parts: request(wrong) })),
      answers: [
        ...Array.from({ length: 20 }, () => ({ status: 401 })),
        refusal(429, 'PTC_D603', 'source-limit', {
          headers: { 'retry-after': '5' },
          json: { decision_id: 'decision-21' },
        }),
      ],
      records: 21,
    },
  ];
}
