// `npm run size`: what each entry, and what a Worker takes in a bundle, and how long its modules take when they are loaded.
import process from 'node:process';
import { bundle } from './bundle.ts';
import { START_UP_MS, startUp } from './start-up.ts';
import { startUpOnWorkerd } from './start-up-workerd.ts';
import { CORE, KB, subjects, WHOLE } from './subjects.ts';

/** New processes for each bundle. */
const RUNS = 10;
/** Parts that are named. */
const SHOWN = 6;

const kb = (bytes: number): string => (bytes / KB).toFixed(1);
const rows: string[][] = [];
const over: string[] = [];
for (const { name, code, most } of subjects()) {
  const { text, minified, gzip, parts } = await bundle(code);
  // What runs on Node alone is not started as a Worker is.
  const runs = /node:|cloudflare:|express|prom-client|re2/.test(text.match(/(?:from|import)\s*"[^"]+"/g)?.join() ?? '')
    ? 0
    : RUNS;
  const started = await startUp(text, runs);
  const shown = [...parts].slice(0, SHOWN).map(([part, bytes]) => `${part} ${kb(bytes)}`);
  rows.push([
    name,
    kb(minified),
    kb(gzip),
    most === undefined ? '–' : kb(most),
    runs === 0 ? '–' : started.evaluated.toFixed(1),
    runs === 0 ? '–' : started.loaded.toFixed(1),
    shown.join(', ') + (parts.size > SHOWN ? ', …' : ''),
  ]);
  if (most !== undefined && gzip > most) over.push(`${name}: ${gzip} bytes, ${most} at most`);
}

console.log(`Bundles as for a Worker, kB of 1,024 bytes: minified, then compressed (gzip), WebAssembly not counted. Milliseconds in a new
process of Node ${process.versions.node}, best of ${RUNS}: the modules' own work (budget of the core: ${START_UP_MS}), and with reading and compiling.
`);
console.log('| what | minified kB | gzip kB | at most | run ms | load ms | made of, minified kB |');
console.log('| --- | ---: | ---: | ---: | ---: | ---: | --- |');
for (const row of rows) console.log(`| ${row.join(' | ')} |`);
console.log('');
for (const { name, code } of [CORE, WHOLE]) {
  console.log(
    `workerd, ${name}: ${await startUpOnWorkerd((await bundle(code)).text, RUNS)} ms, best of ${RUNS} starts`,
  );
}
for (const line of over) console.error(line);
process.exit(over.length === 0 ? 0 : 1);
