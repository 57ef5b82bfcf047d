import type { Exchange } from '../../src/exchange.ts';
import type { Facts, Guard, GuardContext, Verdict } from '../../src/guard.ts';
import { buildExchange, type ExchangeParts } from '../../src/testing/build-exchange.ts';

export function contextWith(facts: Facts, exchange: Exchange, tenant?: string): GuardContext {
  return { tenant, now: 0, decisionId: 'decision-1', facts, currentBody: () => exchange.bytes() };
}

/** What a guard says of one request. */
export async function inspectWith(
  guard: Guard,
  parts: ExchangeParts,
  facts: Facts = {},
  tenant?: string,
): Promise<Verdict> {
  const exchange = buildExchange(parts);
  await exchange.loadBody();
  return guard.inspect(exchange, contextWith(facts, exchange, tenant));
}
