import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeToken } from '../../../gateway/admin/tokens.ts';
import { ledgerRecords } from '../../helpers/admin.ts';
import { send } from '../../helpers/http.ts';
import { serveProcess } from '../../helpers/process.ts';
import { tempDirectory } from '../../helpers/temp.ts';

test('kill -9 while tenants are changed: the file is whole, has what was answered, and nothing that is not on record', async () => {
  const directory = await tempDirectory();
  const { token, line } = makeToken('root', ['read', 'write', 'operate'], Date.UTC(2100, 0, 1));
  const file = join(directory, 'store/tenants.json');
  const env = {
    ADMIN_TOKENS_FILE: join(directory, 'tokens.jsonl'),
    TENANTS_STORE_FILE: file,
    WAL_DIR: join(directory, 'wal'),
    WORM_BASE_DIR: join(directory, 'ledger'),
    LEDGER_KEY_FILE: join(directory, 'ledger.key'),
  };
  await writeFile(env.ADMIN_TOKENS_FILE, JSON.stringify(line));
  let answered = 0;
  for (const killAfter of [1, 2, 5, 9, 14, 20]) {
    const served = await serveProcess(env);
    const call = (method: string, path: string, body: unknown): Promise<number | undefined> =>
      send(served.port, {
        method,
        path,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'if-match': '*' },
        chunks: [JSON.stringify(body)],
      }).then(
        ({ status }) => status,
        () => undefined,
      );
    if (answered === 0) {
      expect(await call('POST', '/v1/tenants', { id: 'acme', keys: 'none', rate: 1 })).toBe(201);
      answered = 1;
    }
    const until = answered + killAfter;
    const timer = setInterval(() => {
      if (answered >= until) served.child.kill('SIGKILL');
    }, 1);
    // A revision has the rate of its number.
    for (let status: number | undefined = 200; status !== undefined; ) {
      status = await call('PATCH', '/v1/tenants/acme', { rate: answered + 1 });
      if (status === undefined) break;
      expect(status).toBe(200);
      answered++;
    }
    clearInterval(timer);
    expect(await served.ended).toBe('SIGKILL');
    const { tenants } = JSON.parse(await readFile(file, 'utf8'));
    expect(tenants).toHaveLength(1);
    const { revision, spec } = tenants[0];
    expect([answered, answered + 1]).toContain(revision);
    expect(spec.rate).toBe(revision);
    const records = (await ledgerRecords(directory)).filter(({ kind }) => kind === 'admin');
    expect(records.some((record) => record.revision === revision && record.tenant === 'acme')).toBe(true);
    answered = revision;
  }
});
