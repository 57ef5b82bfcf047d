import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { send } from '../../helpers/http.ts';
import { signedBody, wireRecord } from '../../helpers/pcs.ts';
import { type Served, serveProcess } from '../../helpers/process.ts';
import { freePort, type OwnRedis, startOwnRedis } from '../../helpers/redis.ts';
import { tempDirectory } from '../../helpers/temp.ts';

const PASSWORD = 'canary-password-of-redis';
let directory: string;
let redis: OwnRedis;
let tlsPort: number;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portcullis-tls-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...name];
  execFileSync('openssl', args, { stdio: 'ignore' });
  tlsPort = await freePort();
  redis = await startOwnRedis([
    ...['--tls-port', String(tlsPort), '--tls-key-file', key, '--tls-cert-file', cert],
    ...['--tls-auth-clients', 'no', '--requirepass', PASSWORD],
  ]);
});
afterAll(async () => {
  await redis.stop();
  await rm(directory, { recursive: true, force: true });
});

async function serve(env: Record<string, string>): Promise<Served> {
  const own = await tempDirectory();
  const served = await serveProcess({
    PCS_HMAC_KEY: 'testsecret',
    WAL_DIR: `${own}/wal`,
    WORM_BASE_DIR: `${own}/ledger`,
    LEDGER_KEY_FILE: `${own}/ledger.key`,
    REDIS_ADDR: `rediss://:${PASSWORD}@localhost:${tlsPort}`,
    ...env,
  });
  onTestFinished(() => void served.child.kill('SIGKILL'));
  return served;
}

const submit = async (port: number): Promise<number> =>
  (
    await send(port, {
      path: '/v1/pcs/submit',
      headers: { 'content-type': 'application/json' },
      chunks: [await signedBody(wireRecord())],
    })
  ).status;

test('with the authority that signed it: requests are remembered over TLS', async () => {
  const { port, output } = await serve({ NODE_EXTRA_CA_CERTS: join(directory, 'cert.pem') });
  expect(await submit(port)).toBe(200);
  expect(await redis.look((look) => look.keys('portcullis:replay:*'))).toHaveLength(1);
  expect(output()).not.toContain('canary');
});

test('a certificate that nobody vouches for is not believed: closed, and the log says why, without the password', async () => {
  const { port, output } = await serve({});
  expect(await submit(port)).toBe(503);
  await vi.waitFor(() => expect(output()).toMatch(/"store_down".*"error":"DEPTH_ZERO_SELF_SIGNED_CERT"/));
  expect(output()).not.toContain('canary');
});

test('a name that the certificate is not for is not believed either', async () => {
  const { port, output } = await serve({
    NODE_EXTRA_CA_CERTS: join(directory, 'cert.pem'),
    REDIS_ADDR: `rediss://:${PASSWORD}@127.0.0.1:${tlsPort}`,
  });
  expect(await submit(port)).toBe(503);
  await vi.waitFor(() => expect(output()).toMatch(/"store_down".*"error":"ERR_TLS_CERT_ALTNAME_INVALID"/));
});
