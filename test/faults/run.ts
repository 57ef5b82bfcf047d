import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Scenario } from './scenario.ts';
import { clockScenarios } from './scenarios/clock.ts';
import { crashScenarios } from './scenarios/crash.ts';
import { diskScenarios } from './scenarios/disk.ts';
import { hostileScenarios } from './scenarios/hostile.ts';
import { ledgerScenarios } from './scenarios/ledger.ts';
import { neighbourScenarios } from './scenarios/neighbour.ts';
import { postgresScenarios } from './scenarios/postgres.ts';
import { redisScenarios } from './scenarios/redis.ts';
import { tenantScenarios } from './scenarios/tenants.ts';
import { withScope } from './scope.ts';

/** Every scenario there is. A run that leaves one out fails, so a list that loses one does too. */
const REGISTERED: readonly Scenario[] = [
  ...hostileScenarios,
  ...crashScenarios,
  ...ledgerScenarios,
  ...diskScenarios,
  ...clockScenarios,
  ...redisScenarios,
  ...postgresScenarios,
  ...tenantScenarios,
  ...neighbourScenarios,
];
/** Fewer registered ones mean that a group was lost. */
const AT_LEAST = 30;

const USAGE = `usage: npm run faults -- [--quick] [--only name,name] [--list]

Breaks what the gateway stands on, one fault at a time, and says what held. Needs what \`npm run build\` makes, and
PostgreSQL on 127.0.0.1:5432 (user postgres) and Redis on 127.0.0.1:6379.
`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const names = REGISTERED.map(({ name }) => name);
  if (values.list) {
    for (const { name, holds } of REGISTERED) process.stdout.write(`${name.padEnd(32)} ${holds}\n`);
    return 0;
  }
  if (new Set(names).size !== names.length) return fail('two scenarios have one name');
  if (values.only === undefined && names.length < AT_LEAST)
    return fail(`${names.length} scenarios are registered, fewer than ${AT_LEAST}`);
  const only = values.only?.split(',');
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined) return fail('--only names a scenario that is not registered; see --list');

  const asked = REGISTERED.filter(({ name }) => only?.includes(name) ?? true);
  let ran = 0;
  let failed = 0;
  for (const scenario of asked) {
    const began = performance.now();
    const line = (mark: string, what: string): void => {
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      process.stdout.write(`${mark} ${scenario.name.padEnd(32)} ${seconds.padStart(6)} s  ${what}\n`);
    };
    try {
      const evidence = await withScope(values.quick, scenario.run);
      line('ok  ', JSON.stringify(evidence));
    } catch (error) {
      failed++;
      line('FAIL', `${scenario.holds}\n     ${error instanceof Error ? error.message : String(error)}`);
    }
    ran++;
  }
  const expected = only?.length ?? REGISTERED.length;
  process.stdout.write(`${ran} of ${expected} scenarios ran, ${failed} failed\n`);
  return failed === 0 && ran === expected ? 0 : 1;
}

function fail(why: string): number {
  process.stderr.write(`faults: ${why}\n`);
  return 1;
}
