import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { ROOT, readFrom } from '../package/tree.ts';

/** Programs of ours against the package as it was built, in a folder where it is installed as it would be anywhere. */
export interface Installed {
  readonly folder: string;
  /**
   * Makes a program into one module of the folder. What it imports from `src`, it gets from the package, by public
   * names where there are any; the package itself stays as it is.
   */
  program(file: string): Promise<string>;
  /**
   * The same with the package inside, as a bundler makes it for workerd: paths of the module and of the kernel. It answers
   * requests with `main(input)`, or is what the program exports as `worker`.
   */
  worker(
    file: string,
    exported?: 'main' | 'worker',
  ): Promise<{ readonly module: string; readonly wasm: readonly string[] }>;
  remove(): Promise<void>;
}

/** Installs what is in `dist` in a new folder. */
export async function installBuilt(): Promise<Installed> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-app-'));
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, 'portcullis'), { recursive: true });
  await Promise.all([
    cp(join(ROOT, 'package.json'), join(modules, 'portcullis/package.json')),
    cp(join(ROOT, 'dist'), join(modules, 'portcullis/dist'), { recursive: true }),
    ...['@noble', 'hono'].map((name) => symlink(join(ROOT, 'node_modules', name), join(modules, name), 'dir')),
    writeFile(join(folder, 'package.json'), '{"type":"module","dependencies":{"portcullis":"*"}}'),
  ]);
  return {
    folder,
    async program(file) {
      const entry = `import { main } from ${JSON.stringify(file)};
const input = JSON.parse(process.argv[2]);
console.log(JSON.stringify(await main(input)));`;
      const outfile = join(folder, `${nameOf(file)}.js`);
      await build({ ...options(folder, entry), outfile, packages: 'external', plugins: [ofPackage(folder, true)] });
      return outfile;
    },
    async worker(file, exported = 'main') {
      const entry = `import { ${exported} } from ${JSON.stringify(file)};
export default ${exported === 'worker' ? exported : '{ fetch: async (request) => Response.json(await main(await request.json())) }'};`;
      const { metafile } = await build({
        ...options(folder, entry),
        outdir: join(folder, 'worker'),
        entryNames: nameOf(file),
        conditions: ['workerd', 'worker', 'browser'],
        loader: { '.wasm': 'copy' },
        plugins: [ofPackage(folder, false)],
        metafile: true,
      });
      const outputs = Object.keys(metafile.outputs).map((path) => join(ROOT, path));
      return {
        module: outputs.find((path) => path.endsWith('.js')) as string,
        wasm: outputs.filter((path) => path.endsWith('.wasm')),
      };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

const nameOf = (file: string): string => relative(dirname(file), file).replace(/\.ts$/, '');

function options(folder: string, contents: string) {
  return {
    stdin: { contents, resolveDir: folder },
    absWorkingDir: ROOT,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  } as const;
}

/** Leads imports of our sources to the installed package. */
function ofPackage(folder: string, external: boolean): Plugin {
  return {
    name: 'portcullis',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^\.\.?\/.*\.ts$/ }, async ({ path, resolveDir, kind }) => {
        const source = relative(ROOT, join(resolveDir, path));
        if (!/^(?:src|middleware|client)\//.test(source)) return undefined;
        const name = specifier(`./dist/${source.replace(/\.ts$/, '.js')}`);
        return external ? { path: name, external } : resolve(name, { resolveDir: folder, kind });
      });
    },
  };
}

/** How the folder's programs import a file of the package. */
function specifier(built: string): string {
  const { exports } = JSON.parse(readFrom('package.json')) as { exports: Record<string, { default?: string }> };
  const subpath = Object.entries(exports).find(([, target]) => target.default === built)?.[0];
  return subpath === undefined ? `./node_modules/portcullis/${built}` : subpath.replace('.', 'portcullis');
}
