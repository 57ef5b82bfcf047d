import type { Exchange } from '../src/exchange.ts';
import type { Guard, GuardContext } from '../src/guard.ts';
import { pcsFormat } from '../src/pcs/format.ts';
import { buildExchange } from '../src/testing/build-exchange.ts';
import type { Subject } from './measure.ts';

export interface Input {
  readonly exchange: Exchange;
  readonly context: GuardContext;
}

/** Milliseconds since the epoch at which every bench exchange happens. */
const NOW = Date.UTC(2026, 0, 1);

/** An exchange as a guard behind the format guard finds it: body read, parsed, with the record among the facts. */
export async function prepareInput(body: string, at: number): Promise<Input> {
  const exchange = buildExchange({ url: '/v1/pcs/submit', body, address: '192.0.2.1' });
  await exchange.loadBody();
  const context: GuardContext = {
    tenant: 'bench',
    // Ten requests a second, so that limiters let everything pass.
    now: NOW + at * 100,
    decisionId: `bench-${at}`,
    facts: {},
    currentBody: () => exchange.bytes(),
  };
  const { facts = {} } = await pcsFormat().inspect(exchange, context);
  return { exchange, context: { ...context, facts } };
}

/** Times one guard's `inspect`, and nothing else. */
export function guardSubject(name: string, guard: Guard, bodies: readonly string[]): Subject<Input> {
  return {
    name,
    prepare: (at) => prepareInput(bodies[at % bodies.length] ?? '', at),
    run: ({ exchange, context }) => guard.inspect(exchange, context),
  };
}

/** The named baseline of every table: what any JSON API does with the body before it looks at it. */
export function jsonParseBaseline(bodies: readonly string[]): Subject<Input> {
  return {
    name: 'JSON.parse',
    prepare: (at) => prepareInput(bodies[at % bodies.length] ?? '', at),
    run: ({ exchange }) => JSON.parse(new TextDecoder().decode(exchange.bytes())),
  };
}
