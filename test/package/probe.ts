import process from 'node:process';
import { pathToFileURL } from 'node:url';

/**
 * Imports modules one by one and prints, as JSON, what they do while they load:
 * `node --import tsx probe.ts <folder> <file>…` counts a call if a file of the folder is on its stack. Packages that
 * look at the runtime when they load are not on trial here.
 */
const [, , folder = '', ...files] = process.argv;
const calls = new Set<string>();
Error.stackTraceLimit = Number.POSITIVE_INFINITY;

function note(what: string): void {
  const stack = new Error().stack ?? '';
  const frame = stack.split('\n').find((line) => line.includes(folder));
  if (frame === undefined) return;
  const at = frame.slice(frame.indexOf(folder) + folder.length).replace(/[:)].*$/, '');
  calls.add(`${at}: ${what}`);
}

/** Replaces a function or class by one that notes every call, `new` and static method before it goes on. */
function watch(holder: object, name: string, label: string = name): void {
  const original: unknown = Reflect.get(holder, name);
  if (typeof original !== 'function') throw new TypeError(`${label} is not there to watch`);
  Object.defineProperty(holder, name, {
    configurable: true,
    writable: true,
    value: new Proxy(original, {
      apply(target, self, args) {
        note(label);
        return Reflect.apply(target, self, args);
      },
      construct(target, args, self) {
        if (label !== 'Date' || args.length === 0) note(`new ${label}`);
        return Reflect.construct(target, args, self === undefined ? target : self);
      },
    }),
  });
}

for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch', 'Date', 'Function']) {
  watch(globalThis, name);
}
for (const name of ['MessageChannel', 'BroadcastChannel', 'WebSocket']) {
  if (name in globalThis) watch(globalThis, name);
}
watch(Date, 'now', 'Date.now');
watch(Math, 'random', 'Math.random');
watch(Performance.prototype, 'now', 'performance.now');
for (const name of ['getRandomValues', 'randomUUID']) watch(Crypto.prototype, name, `crypto.${name}`);
for (const name of Object.getOwnPropertyNames(SubtleCrypto.prototype)) {
  if (name !== 'constructor') watch(SubtleCrypto.prototype, name, `crypto.subtle.${name}`);
}
for (const name of ['compile', 'instantiate', 'Module', 'Instance', 'Memory']) {
  watch(WebAssembly, name, `WebAssembly.${name}`);
}
for (const name of ['log', 'info', 'warn', 'error']) watch(console, name, `console.${name}`);
const env = process.env;
Object.defineProperty(process, 'env', {
  value: new Proxy(env, {
    get(target, name) {
      note('process.env');
      return Reflect.get(target, name);
    },
  }),
});

const failed: string[] = [];
for (const file of files) {
  try {
    await import(pathToFileURL(file).href);
  } catch (error) {
    failed.push(`${file}: ${error instanceof Error ? error.message : 'failed'}`);
  }
}
// What a module put off to the next turn of the event loop counts too.
await new Promise((resolve) => setTimeout(resolve, 20));
process.stdout.write(JSON.stringify({ loaded: files.length - failed.length, failed, calls: [...calls].sort() }));
process.exit(0);
