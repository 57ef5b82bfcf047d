import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AdminGateway, adminGateway } from '../admin-client.ts';
import { readChain } from '../ledger-reader.ts';
import { type Client, createClient, statuses, storm } from '../load.ts';
import { signedBodies } from '../records.ts';
import { must, type Scenario } from '../scenario.ts';
import type { Scope } from '../scope.ts';

const OLD_KEY = 'the key before the rotation 1';
const NEW_KEY = 'the key after the rotation 02';
/** Of the tenants of these scenarios, so that their limits are never what refuses. */
const RATE = 100_000;

/** Fewer than the failed authentications that a source may send at once. */
const SENT_AFTER_STOP = 8;

interface WithTenant extends AdminGateway {
  readonly client: Client;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function withTenant(scope: Scope, preload?: 'disk', env: Record<string, string> = {}): Promise<WithTenant> {
  const admin = await adminGateway(scope, { env, ...(preload && { preload }) });
  const id = `t-${scope.id}`;
  const keys = [{ id: 'old', alg: 'hmac', key: OLD_KEY }];
  const made = await admin.call('POST', '/v1/tenants', { id, keys, rate: RATE });
  must(made?.status === 201, `making the tenant was answered ${made?.status}`);
  const client = createClient(admin.gateway.port);
  scope.onEnd(client.close);
  return { ...admin, client, path: `/v1/tenants/${id}`, headers: { 'x-tenant-id': id } };
}

const rotation: Scenario = {
  name: 'key-rotation-mid-load',
  holds:
    'a key added, used beside the old one and alone, under load: no request is lost, and the old key is then nothing',
  async run(scope) {
    const { call, client, path, headers } = await withTenant(scope);
    const count = scope.quick ? 200 : 800;
    const old = storm(client, await signedBodies(scope, count, { key: OLD_KEY, prefix: 'old-' }), { headers });
    await sleep(50);
    const added = await call('POST', `${path}/keys`, { id: 'new', alg: 'hmac', key: NEW_KEY, overlapSeconds: 3_600 });
    must(added !== undefined && added.status < 300, `adding a key was answered ${added?.status}`);
    const next = storm(client, await signedBodies(scope, count, { key: NEW_KEY, prefix: 'new-' }), { headers });
    const both = statuses([...(await old), ...(await next)]);
    must(both[200] === 2 * count, `during the overlap the answers were ${JSON.stringify(both)}`);
    const removed = await call('DELETE', `${path}/keys/old`);
    must(removed !== undefined && removed.status < 300, `removing the key was answered ${removed?.status}`);
    const [late = ''] = await signedBodies(scope, 1, { key: OLD_KEY, prefix: 'late-' });
    const refused = await client.submit(late, headers);
    must(refused?.status === 401, `with the old key: ${refused?.status}`);
    const [fresh = ''] = await signedBodies(scope, 1, { key: NEW_KEY, prefix: 'fresh-' });
    const accepted = await client.submit(fresh, headers);
    must(accepted?.status === 200, `with the new key: ${accepted?.status}`);
    return { accepted: 2 * count + 1 };
  },
};

const deactivation: Scenario = {
  name: 'tenant-stopped-mid-load',
  holds: 'a tenant is stopped under load: after that is answered, nothing of it is accepted, until it is started again',
  async run(scope) {
    const { call, client, path, headers } = await withTenant(scope);
    let isStopped = false;
    let acceptedAfter = 0;
    let sentAfterStop = 0;
    const bodies = await signedBodies(scope, 600, { key: OLD_KEY });
    const workers = Array.from({ length: 8 }, async () => {
      for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) {
        const sentAfter = isStopped;
        if (sentAfter && ++sentAfterStop > SENT_AFTER_STOP) return;
        const answer = await client.submit(body, headers);
        if (sentAfter && answer?.status === 200) acceptedAfter++;
      }
    });
    await sleep(50);
    const stopped = await call('POST', `${path}/deactivate`);
    must(stopped?.status === 200, `stopping it was answered ${stopped?.status}`);
    isStopped = true;
    await Promise.all(workers);
    must(acceptedAfter === 0, `${acceptedAfter} requests were accepted after it was stopped`);
    const started = await call('POST', `${path}/activate`);
    must(started?.status === 200, `starting it was answered ${started?.status}`);
    const [body = ''] = await signedBodies(scope, 1, { key: OLD_KEY, prefix: 'again-' });
    const again = await client.submit(body, headers);
    must(again?.status === 200, `started again: ${again?.status}`);
    return { sentAfterStop, acceptedAfter };
  },
};

const auditFails: Scenario = {
  name: 'audit-cannot-be-written',
  holds: 'the disk refuses the audit: the admin call is refused and nothing changed, now and after a restart',
  async run(scope) {
    const flag = join(scope.directory, 'disk-fails');
    const { call, path, gateway } = await withTenant(scope, 'disk', { FAULT_DISK_FILE: flag });
    await writeFile(flag, 'EIO');
    const refused = await call('POST', `${path}/deactivate`);
    must(refused?.status === 503, `without an audit the call was answered ${refused?.status}`);
    await rm(flag);
    const now = await call('GET', path);
    must(
      now === undefined || now.status === 503 || now.json.active === true,
      'the tenant was stopped without an audit',
    );
    await gateway.kill('SIGTERM');
    const again = await adminGateway(scope);
    const after = await again.call('GET', path);
    must(after?.json.active === true, `after a restart: ${after?.status}, active ${after?.json.active}`);
    return { refused: true };
  },
};

const killedWhileChanging: Scenario = {
  name: 'killed-while-tenants-change',
  holds: 'killed between admin calls and in them: what was answered is there, nothing is half, each change is audited',
  async run(scope) {
    const rounds = scope.quick ? 2 : 10;
    const made: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const { gateway, call } = await adminGateway(scope);
      const killAfter = 1 + Math.floor(Math.random() * 20);
      for (let at = 0; at < 200; at++) {
        // While the next call is under way.
        if (at === killAfter) setTimeout(() => gateway.child.kill('SIGKILL'), Math.random() * 20);
        const id = `k${round}-${at}`;
        const keys = [{ id: 'k', alg: 'hmac', key: `the key of ${scope.id} ${id}` }];
        const answer = await call('POST', '/v1/tenants', { id, keys });
        if (answer === undefined) break;
        must(answer.status === 201, `making ${id} was answered ${answer.status}`);
        made.push(id);
      }
      await gateway.kill('SIGKILL');
    }
    const { gateway, call } = await adminGateway(scope);
    for (const id of made) {
      const answer = await call('GET', `/v1/tenants/${id}`);
      must(answer?.status === 200, `${id} was made, and is answered ${answer?.status}`);
    }
    await gateway.kill('SIGTERM');
    const entries = await readChain(join(scope.directory, 'gateway/ledger'));
    const audited = entries.filter(({ kind }) => kind === 'admin').length;
    must(made.length > 0 && audited >= made.length, `${audited} audits for ${made.length} tenants`);
    return { kills: rounds, made: made.length, audited };
  },
};

export const tenantScenarios: readonly Scenario[] = [rotation, deactivation, auditFails, killedWhileChanging];
