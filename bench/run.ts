import process from 'node:process';
import { BASELINE, benchGuards } from './guards.ts';
import { benchHttp } from './http.ts';
import { signedRecords } from './records.ts';
import { machine, writeResults } from './report.ts';

/** `--quick` shows that the bench works; its numbers mean little. */
const quick = process.argv.includes('--quick');
const samples = quick ? 200 : 4_000;
const http = quick ? { rounds: 1, seconds: 1, connections: 10 } : { rounds: 3, seconds: 4, connections: 10 };

const bodies = await signedRecords(quick ? 20_000 : 100_000);
const guards = await benchGuards(bodies.slice(0, 10_000), samples);
const applications = await benchHttp(bodies, http);
const date = new Date().toISOString().slice(0, 10);
process.stdout.write(writeResults({ date, machine: machine(), baseline: BASELINE, guards, http: applications }));
