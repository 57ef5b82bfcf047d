import { request } from 'node:http';
import { expect, test } from 'vitest';
import { readInboxLog } from '../../gateway/inbox-log.ts';
import { decisionsById, readChain } from '../faults/ledger-reader.ts';
import { send } from '../helpers/http.ts';
import { signedBody, wireRecord } from '../helpers/pcs.ts';
import { serveProcess } from '../helpers/process.ts';
import { tempDirectory } from '../helpers/temp.ts';

async function loggedIds(directory: string): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { body } of readInboxLog(directory)) {
    ids.add((JSON.parse(Buffer.from(body).toString('utf8')) as { pcs_id: string }).pcs_id);
  }
  return ids;
}

/** Posts bodies from many clients until the server is gone; adds the ids of every answer that arrived. */
async function load(
  port: number,
  bodies: readonly [string, string][],
  answered: Set<string>,
  decisions: Set<unknown>,
): Promise<void> {
  const waiting = [...bodies];
  const client = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [id, body] = next;
      const answer = await send(port, {
        path: '/v1/pcs/submit',
        headers: { 'content-type': 'application/json' },
        chunks: [body],
      }).catch(() => undefined);
      if (answer === undefined) return;
      expect(answer.status).toBe(200);
      answered.add(id);
      decisions.add(JSON.parse(answer.body).decision_id);
    }
  };
  await Promise.all(Array.from({ length: 32 }, client));
}

test('kill -9 under load: every answered request is in inbox log and ledger, and a restart goes on', async () => {
  const directory = await tempDirectory();
  const env = {
    PCS_SIGN_ALG: 'hmac',
    PCS_HMAC_KEY: 'testsecret',
    TOKEN_RATE: '100000',
    WAL_DIR: `${directory}/wal`,
    WORM_BASE_DIR: `${directory}/ledger`,
  };
  const answered = new Set<string>();
  const decisions = new Set<unknown>();
  // Counted in answers, not in time: a slow machine would be killed before it has given any.
  for (const killAfter of [10, 100, 250]) {
    const bodies: [string, string][] = [];
    for (let i = 0; i < 800; i++) {
      const record = wireRecord({}, i % 510);
      bodies.push([String(record.pcs_id), await signedBody(record)]);
    }
    const served = await serveProcess(env);
    const before = answered.size;
    const timer = setInterval(() => {
      if (answered.size >= before + killAfter) served.child.kill('SIGKILL');
    }, 1);
    await load(served.port, bodies, answered, decisions);
    clearInterval(timer);
    served.child.kill('SIGKILL');
    expect(await served.ended).toBe('SIGKILL');
    expect(answered.size).toBeGreaterThanOrEqual(before + killAfter);
    expect(answered.size).toBeLessThan(before + bodies.length);
    const logged = await loggedIds(env.WAL_DIR);
    expect([...answered].filter((id) => !logged.has(id))).toEqual([]);
  }
  const last = await serveProcess(env);
  last.child.kill('SIGTERM');
  expect(await last.ended).toBe(0);
  const recorded = decisionsById(await readChain(env.WORM_BASE_DIR));
  expect(decisions.size).toBe(answered.size);
  expect([...decisions].filter((id) => !recorded.has(String(id)))).toEqual([]);
});

test('SIGTERM: the running request is answered, the log is whole, the exit code is 0', async () => {
  const directory = await tempDirectory();
  const served = await serveProcess({
    PCS_SIGN_ALG: 'hmac',
    PCS_HMAC_KEY: 'testsecret',
    WAL_DIR: `${directory}/wal`,
    WORM_BASE_DIR: `${directory}/ledger`,
  });
  const record = wireRecord();
  const body = await signedBody(record);
  const answer = await new Promise<number | undefined>((resolve, reject) => {
    const req = request(
      {
        port: served.port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/v1/pcs/submit',
        headers: { 'content-length': body.length },
      },
      (res) => {
        res.resume();
        res.on('end', () => resolve(res.statusCode));
      },
    );
    req.on('error', reject);
    // Half the body is under way when the signal comes.
    req.write(body.slice(0, 100));
    setTimeout(() => served.child.kill('SIGTERM'), 100);
    setTimeout(() => req.end(body.slice(100)), 400);
  });
  expect(answer).toBe(200);
  expect(await served.ended).toBe(0);
  expect(await loggedIds(`${directory}/wal`)).toEqual(new Set([record.pcs_id]));
});
