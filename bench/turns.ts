import { setTimeout } from 'node:timers/promises';
import { summary, type Timing } from './measure.ts';

/** What one turn of a subject took. */
export interface Turn {
  /** Milliseconds of each call. */
  readonly latencies: readonly number[];
  readonly ms: number;
}

/** A subject that does the same again and again until its turn is over. */
export interface TurnSubject {
  readonly name: string;
  turn(): Promise<Turn>;
}

export interface TurnOptions {
  /** Turns of every subject. */
  readonly rounds: number;
  /** The first of them, which do not count. */
  readonly warmup: number;
}

export interface TurnRow {
  readonly name: string;
  readonly timing: Timing;
  readonly perSecond: number;
  /** Calls a second over those of the first subject, in the middle one of all rounds. */
  readonly ratio: number;
}

/** Subjects take turns, so that a slow moment of the machine hits all of them. */
export async function compareInTurn(
  subjects: readonly TurnSubject[],
  { rounds, warmup }: TurnOptions,
): Promise<TurnRow[]> {
  const turns = subjects.map((): Turn[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [at, subject] of subjects.entries()) {
      const one = await subject.turn();
      if (round >= warmup) turns[at]?.push(one);
    }
  }
  return subjects.map(({ name }, at): TurnRow => {
    const own = turns[at] ?? [];
    const ratios = own.map((one, round) => rate(one) / rate(turns[0]?.[round] as Turn)).sort((a, b) => a - b);
    const total = (of: (turn: Turn) => number): number => own.reduce((sum, turn) => sum + of(turn), 0);
    return {
      name,
      timing: summary(own.flatMap(({ latencies }) => latencies)),
      perSecond: (1_000 * total(({ latencies }) => latencies.length)) / total(({ ms }) => ms),
      ratio: ratios[Math.floor(ratios.length / 2)] ?? Number.NaN,
    };
  });
}

function rate({ latencies, ms }: Turn): number {
  return (1_000 * latencies.length) / ms;
}

export interface CallerOptions {
  readonly callers: number;
  /** Milliseconds of the turn. */
  readonly ms: number;
  /** Mean of the milliseconds, random ones, that each pauses before it calls. Default none. */
  readonly pauseMs?: number;
}

/** One turn of many callers at once: each calls, waits until that is done, and calls again. */
export async function callersTurn(
  run: () => Promise<void>,
  { callers, ms, pauseMs = 0 }: CallerOptions,
): Promise<Turn> {
  const latencies: number[] = [];
  const began = performance.now();
  const call = async (): Promise<void> => {
    while (performance.now() - began < ms) {
      if (pauseMs > 0) await setTimeout(-Math.log(1 - Math.random()) * pauseMs);
      const start = performance.now();
      await run();
      latencies.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  return { latencies, ms: performance.now() - began };
}
