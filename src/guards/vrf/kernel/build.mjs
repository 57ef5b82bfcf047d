// Builds kernel.wasm and wasm.ts, the same bytes for runtimes that load no .wasm, from the AssemblyScript sources (.as, so that
// neither tsc nor a test takes them for TypeScript). `node build.mjs --check` writes nothing and fails where they differ.
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const FOLDER = new URL('.', import.meta.url);
const OPTIONS = ['--runtime', 'stub', '-O3', '--noAssert', '--enable', 'simd'];

// KERNEL_ASC names another installation of the compiler, by the path of its dist/asc.js.
const compiler = process.env.KERNEL_ASC;
const { default: asc } = await import(compiler === undefined ? 'assemblyscript/asc' : pathToFileURL(compiler).href);

function read(name) {
  try {
    return readFileSync(new URL(name.replace(/\.ts$/, '.as'), FOLDER), 'utf8');
  } catch {
    return null;
  }
}

export async function compile(readFile = read, options = OPTIONS) {
  let wasm;
  const writeFile = (_name, contents) => {
    wasm = contents;
  };
  const { error, stderr } = await asc.main(['kernel.ts', '--outFile', 'kernel.wasm', ...options], {
    readFile,
    writeFile,
    listFiles: () => [],
  });
  if (error !== null) throw new Error(`${error.message}\n${stderr}`);
  return wasm;
}

export function inlined(wasm) {
  return `/** The bytes of kernel.wasm; written by build.mjs. */\nexport const KERNEL_WASM =\n  '${wasm.join()}';\n`;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const wasm = await compile();
  const outputs = { 'kernel.wasm': Buffer.from(wasm), 'wasm.ts': Buffer.from(inlined(wasm)) };
  for (const [name, bytes] of Object.entries(outputs)) {
    const file = new URL(name, FOLDER);
    if (!process.argv.includes('--check')) writeFileSync(file, bytes);
    else if (!readFileSync(file).equals(bytes)) throw new Error(`${name} is not what its sources build`);
  }
  console.log(`kernel.wasm: ${wasm.length} bytes`);
}
