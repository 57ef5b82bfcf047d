import { DEMO_HMAC_KEY, DEMO_VRF_SECRET } from '../../gateway/demo-tenant.ts';
import { encodeBase64 } from '../../src/base64.ts';
import { edwards25519Tai } from '../../src/guards/vrf/ecvrf.ts';
import { seedFromBeta } from '../../src/guards/vrf/seed.ts';
import { signPcs } from '../../src/pcs/agent/sign.ts';
import { type PcsBody, summarize } from '../../src/pcs/agent/summarize.ts';
import { pcsId } from '../../src/pcs/id.ts';
import { pcsAlpha } from '../../src/pcs/vrf.ts';
import type { Measurement } from './measure.ts';
import type { Answer, Row, Submit } from './submit.ts';

/** A record with proof and signature, as it goes over the wire. */
export type SignedRecord = PcsBody & { readonly sig: string };

/** Measurements per record. */
const WINDOW = 50;
/** Times each attack is sent. Those that end in 401 are few: a source that fails too often is shut out. */
const ATTEMPTS = 5;
const FAILED_ATTEMPTS = 3;
/** Far more than the burst of the demo tenant, from so many clients at a time. */
const STORM = 1_000;
const STORM_CLIENTS = 50;

/** Submits a record per window of measurements, then one of them again. */
export async function runHonest(
  submit: Submit,
  measurements: readonly Measurement[],
): Promise<{ rows: readonly Row[]; records: readonly SignedRecord[] }> {
  const shardId = `demo-${Date.now().toString(36)}`;
  const records: SignedRecord[] = [];
  for (let from = 0; from + WINDOW <= measurements.length; from += WINDOW) {
    records.push(await makeRecord(measurements.slice(from, from + WINDOW), shardId, from / WINDOW));
  }
  const answers = await inTurn(records, (record) => submit(JSON.stringify(record)));
  const again = await inTurn(repeat(records[0], ATTEMPTS), (record) => submit(JSON.stringify(record)));
  return {
    records,
    rows: [
      { sent: 'honest record with proof', answers },
      { sent: 'the first one again', answers: again },
    ],
  };
}

/** Sends each attack. What a thief on the wire can do keeps the old signature; what a cheating agent does is signed. */
export async function runAttacks(submit: Submit, honest: readonly SignedRecord[]): Promise<Row[]> {
  const rows: Row[] = [];
  const send = async (
    sent: string,
    times: number,
    make: (record: SignedRecord, at: number) => unknown,
  ): Promise<void> => {
    const records = await Promise.all(
      Array.from({ length: times }, async (_, at) => make(await fresh(honest[at % honest.length], sent, at), at)),
    );
    rows.push({ sent, answers: await inTurn(records, (record) => submit(JSON.stringify(record))) });
  };

  await send('signature with one bit flipped', FAILED_ATTEMPTS, (record) => ({ ...record, sig: flipBit(record.sig) }));
  await send('N_j raised on the wire', ATTEMPTS, (record) => ({ ...record, N_j: raise(record.N_j) }));
  await send('D_hat scaled by the agent', ATTEMPTS, (record) => sign({ ...record, D_hat: record.D_hat * 1.5 + 0.3 }));
  await send('VRF proof forged', FAILED_ATTEMPTS, (record) => ({
    ...record,
    vrf_proof: encodeBase64(edwards25519Tai.prove(new Uint8Array(32).fill(9), pcsAlpha(record.pcs_id))),
  }));
  await send('personal data in a field', ATTEMPTS, (record) => ({
    ...record,
    note: 'ask jane.roe@example.org or 415-555-2671',
  }));
  await send('body over 1 MiB', ATTEMPTS, (record) => ({ ...record, padding: 'x'.repeat(1_100_000) }));

  rows.push({ sent: 'storm above the rate', answers: await storm(submit, honest) });
  return rows;
}

async function makeRecord(window: readonly Measurement[], shardId: string, epoch: number): Promise<SignedRecord> {
  let proof = new Uint8Array(0);
  const body = await summarize(window, {
    shardId,
    epoch,
    seed(pcsId) {
      const alpha = pcsAlpha(pcsId);
      proof = Uint8Array.from(edwards25519Tai.prove(DEMO_VRF_SECRET, alpha));
      return seedOf(alpha, proof);
    },
  });
  return sign({ ...body, vrf_proof: encodeBase64(proof) });
}

/** Good records without a proof, as fast as they go. */
async function storm(submit: Submit, honest: readonly SignedRecord[]): Promise<Answer[]> {
  const records = await Promise.all(
    Array.from({ length: STORM }, async (_, at) => {
      const { vrf_proof: _proof, ...record } = renamed(honest[at % honest.length], 'storm', at);
      return sign(record);
    }),
  );
  const clients = Array.from({ length: STORM_CLIENTS }, (_, client) => {
    const mine = records.filter((_record, at) => at % STORM_CLIENTS === client);
    return inTurn(mine, (record) => submit(JSON.stringify(record)));
  });
  return (await Promise.all(clients)).flat();
}

/** The same measurements under another id, so that replay protection does not answer for the guards. */
function renamed(record: SignedRecord | undefined, attack: string, at: number): SignedRecord {
  if (record === undefined) throw new Error('there is no honest record');
  const shard_id = `${record.shard_id}-${attack.replaceAll(/[^a-z]/gi, '')}`;
  return { ...record, shard_id, epoch: at, pcs_id: pcsId(record.merkle_root, at, shard_id) };
}

/** The same with a proof and a seed that fit the id. */
async function fresh(record: SignedRecord | undefined, attack: string, at: number): Promise<SignedRecord> {
  const own = renamed(record, attack, at);
  const alpha = pcsAlpha(own.pcs_id);
  const proof = edwards25519Tai.prove(DEMO_VRF_SECRET, alpha);
  return sign({ ...own, seed: seedOf(alpha, proof), vrf_proof: encodeBase64(proof) });
}

function seedOf(alpha: Uint8Array, proof: Uint8Array): number {
  const result = edwards25519Tai.verify(edwards25519Tai.publicKey(DEMO_VRF_SECRET), alpha, proof);
  if (!result.valid) throw new Error('a proof just made does not hold');
  return Number(seedFromBeta(result.beta));
}

function sign<T extends PcsBody>(record: T): Promise<T & { sig: string }> {
  return signPcs(record, { alg: 'hmac', key: DEMO_HMAC_KEY });
}

function flipBit(sig: string): string {
  return `${sig.startsWith('A') ? 'B' : 'A'}${sig.slice(1)}`;
}

function raise(counts: PcsBody['N_j']): PcsBody['N_j'] {
  const [first = '2'] = Object.keys(counts);
  return { ...counts, [first]: 5_000 };
}

async function inTurn<T>(items: readonly T[], call: (item: T) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const item of items) answers.push(await call(item));
  return answers;
}

function repeat<T>(item: T | undefined, times: number): T[] {
  return item === undefined ? [] : Array.from({ length: times }, () => item);
}
