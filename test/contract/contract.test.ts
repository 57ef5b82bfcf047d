import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Decided } from './app.ts';
import { bodyCases } from './cases/bodies.ts';
import type { Case, Expected } from './cases/case.ts';
import { pcsCases } from './cases/pcs.ts';
import { requestCases } from './cases/requests.ts';
import { type Answer, control, decidedOf, talk } from './client.ts';
import { DIFFERENCES } from './differences.ts';
import { NODE_TARGETS, RUNTIME_TARGETS } from './targets/all.ts';
import type { Server } from './targets/target.ts';

const TARGETS = [...NODE_TARGETS, ...RUNTIME_TARGETS];
const CASES: readonly Case[] = [...(await pcsCases()), ...bodyCases(), ...requestCases()];
/** Headers of an answer that are ours, and not the server's. */
const OURS = ['content-type', 'cache-control', 'retry-after', 'ratelimit', 'ratelimit-policy', 'allow', 'vary'];

/** What came of a case on a target. */
interface Outcome extends Decided {
  readonly answers: readonly (Answer | undefined)[];
}

/** A server that refuses a body before it has come may break the connection, and its answer be lost on the way. */
const MAX_TRIES = 5;

async function run(port: number, each: Case): Promise<Outcome> {
  const { sends, answers, decided = sends.length } = each;
  for (let tries = 1; ; tries++) {
    await control(port, 'DELETE');
    const got: (Answer | undefined)[] = [];
    for (const sent of sends) got.push(await talk(port, sent));
    const found = await (answers.includes(null) ? decidedOf(port, decided) : control(port, 'GET'));
    const isLost = answers.some((expected, at) => expected !== null && got[at] === undefined);
    if (!isLost || tries === MAX_TRIES) return { ...found, answers: got };
  }
}

const ours = (name: string): boolean => OURS.includes(name) || name.startsWith('x-');

/** What must not depend on the target. */
function comparable({ answers, ...decided }: Outcome): object {
  const shown = answers.map(
    (answer) =>
      answer && {
        ...answer,
        headers: Object.fromEntries(
          Object.entries(answer.headers).filter(([name]) => ours(name) && name !== 'x-powered-by'),
        ),
      },
  );
  return { answers: shown, ...decided };
}

function expectAnswer(answer: Answer | undefined, expected: Expected | null): void {
  if (expected === null) return;
  expect(answer?.status, answer?.body).toBe(expected.status);
  if (expected.body !== undefined) expect(answer?.body).toBe(expected.body);
  if (expected.json !== undefined) expect(JSON.parse(answer?.body ?? '')).toMatchObject(expected.json);
  if (expected.headers !== undefined) expect(answer?.headers).toMatchObject(expected.headers);
}

function expectOutcome(
  outcome: Outcome,
  { sends, answers, decided = sends.length, decision, records = 0, reached }: Case,
): void {
  answers.forEach((expected, at) => {
    expectAnswer(outcome.answers[at], expected);
  });
  expect(outcome.decisions.length).toBe(decided);
  if (decision !== undefined) expect(outcome.decisions.at(-1)).toMatchObject(decision);
  expect(outcome.records).toBe(records);
  const byApplication = answers.filter((answer) => answer?.status === 200).length;
  if (reached !== undefined || records === 0) expect(outcome.reached).toBe(reached ?? byApplication);
}

describe('the contract', () => {
  const servers = new Map<string, Server>();
  const outcomes = new Map<string, ReadonlyMap<string, Outcome>>();

  beforeAll(async () => {
    await Promise.all(
      TARGETS.map(async ({ name, start }) => {
        const server = await start();
        servers.set(name, server);
        const found = new Map<string, Outcome>();
        for (const each of CASES) found.set(each.name, await run(server.port, each));
        outcomes.set(name, found);
      }),
    );
  }, 120_000);
  afterAll(async () => {
    await Promise.all([...servers.values()].map(({ stop }) => stop()));
  });

  describe.each(TARGETS)('$name', ({ name: target }) => {
    test.each(CASES)('$name', (each) => {
      const outcome = outcomes.get(target)!.get(each.name)!;
      const difference = DIFFERENCES[each.name]?.find(({ targets }) => targets.includes(target));
      if (difference === undefined) {
        const reference = outcomes.get(TARGETS[0]!.name)!.get(each.name)!;
        expectOutcome(outcome, each);
        expect(comparable(outcome)).toEqual(comparable(reference));
      } else {
        const { why: _why, targets: _targets, ...instead } = difference;
        expectOutcome(outcome, { ...each, ...instead } as Case);
      }
    });
  });

  test('names are unique, and every difference is one of a case and a target', () => {
    const names = CASES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const targets = TARGETS.map(({ name }) => name);
    for (const [name, differences] of Object.entries(DIFFERENCES)) {
      expect(names).toContain(name);
      for (const difference of differences) expect(targets).toEqual(expect.arrayContaining([...difference.targets]));
    }
  });
});
