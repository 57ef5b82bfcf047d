import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type StdinOptions } from 'esbuild';
import { Miniflare, type WorkerOptions } from 'miniflare';

const FOLDER = dirname(fileURLToPath(import.meta.url));

/** The part of wrangler.jsonc that matters here. */
interface WranglerConfig {
  readonly compatibility_date: string;
  readonly vars: Readonly<Record<string, unknown>>;
  readonly durable_objects: { readonly bindings: readonly { readonly name: string; readonly class_name: string }[] };
  readonly migrations: readonly { readonly new_sqlite_classes: readonly string[] }[];
  readonly queues: { readonly producers: readonly { readonly binding: string; readonly queue: string }[] };
}

export interface ServeOptions {
  readonly port?: number;
  /** Variables and secrets, over those of wrangler.jsonc. */
  readonly env: Readonly<Record<string, unknown>>;
  /** The Worker's module. Default `src/worker.ts`. */
  readonly entry?: StdinOptions;
  /** Folder where the Durable Objects keep their state. Default: in memory. */
  readonly persist?: string;
  /** What to change about the Worker. */
  readonly adjust?: (worker: WorkerOptions) => WorkerOptions;
  /** Workers beside it, such as one that reads the queue. */
  readonly others?: readonly WorkerOptions[];
}

/** Starts the Worker on this machine, as wrangler.jsonc describes it: bundled as wrangler bundles, without `eval`. */
export async function serveWorker(options: ServeOptions): Promise<Miniflare> {
  const { port = 0, env, entry, persist, adjust = (worker) => worker, others = [] } = options;
  const config = await readConfig();
  const sqlite = new Set(config.migrations.flatMap(({ new_sqlite_classes: classes }) => classes));
  const objects = config.durable_objects.bindings.map(
    ({ name, class_name: className }) => [name, { className, useSQLite: sqlite.has(className) }] as const,
  );
  const worker = {
    name: 'worker',
    compatibilityDate: config.compatibility_date,
    ...(await bundle(entry)),
    bindings: { ...config.vars, ...env },
    durableObjects: Object.fromEntries(objects),
    queueProducers: Object.fromEntries(config.queues.producers.map(({ binding, queue }) => [binding, queue])),
  } as WorkerOptions;
  const miniflare = new Miniflare({
    port,
    host: '127.0.0.1',
    cf: false,
    workers: [adjust(worker), ...others],
    ...(persist !== undefined && { durableObjectsPersist: persist }),
  });
  await miniflare.ready;
  return miniflare;
}

/** JSON with comments on lines of their own. */
async function readConfig(): Promise<WranglerConfig> {
  const text = await readFile(join(FOLDER, 'wrangler.jsonc'), 'utf8');
  return JSON.parse(text.replaceAll(/^\s*\/\/.*$/gm, ''));
}

async function bundle(entry: StdinOptions | undefined): Promise<object> {
  const { outputFiles } = await build({
    ...(entry === undefined ? { entryPoints: [join(FOLDER, 'src/worker.ts')] } : { stdin: entry }),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*'],
    loader: { '.wasm': 'copy' },
    outdir: join(FOLDER, '.bundle'),
    write: false,
    logLevel: 'warning',
  });
  const modules = outputFiles.map(({ path, contents }) => ({
    type: path.endsWith('.wasm') ? 'CompiledWasm' : 'ESModule',
    path,
    contents,
  }));
  // The first one is where workerd begins.
  modules.sort((a, b) => Number(a.type !== 'ESModule') - Number(b.type !== 'ESModule'));
  return { modules, modulesRoot: join(FOLDER, '.bundle') };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const key = 'only-for-trying-out';
  await serveWorker({
    port: 8787,
    env: {
      TENANT_KEYS: JSON.stringify({ acme: [{ id: 'trial', alg: 'hmac', key }] }),
      METRICS_TOKEN: 'only-for-trying-out',
    },
  });
  process.stdout.write(
    [
      'the Worker on http://127.0.0.1:8787; try',
      `  body='{"text":"emp-123456 wrote to jane@example.org"}'`,
      `  sig=$(printf %s "$body" | openssl dgst -sha256 -hmac ${key} -binary | base64)`,
      '  curl -H \'content-type: application/json\' -H "x-tenant-id: acme" -H "x-signature: $sig" -d "$body" http://127.0.0.1:8787/v1/notes',
      `  curl -H 'authorization: Bearer only-for-trying-out' http://127.0.0.1:8787/metrics`,
      '',
    ].join('\n'),
  );
}
