import type { GuardContext, Verdict } from '../../../src/guard.ts';
import { type SanityOptions, sanity } from '../../../src/guards/sanity/guard.ts';
import type { Rule } from '../../../src/guards/sanity/rule.ts';
import { buildExchange, type ExchangeParts } from '../../../src/testing.ts';

export const CONTEXT: GuardContext = {
  tenant: undefined,
  now: 0,
  decisionId: 'test',
  facts: {},
  currentBody: () => new Uint8Array(),
};

export async function inspect(
  options: SanityOptions,
  parts: ExchangeParts,
  context: Partial<GuardContext> = {},
): Promise<Verdict> {
  const exchange = buildExchange(parts);
  await exchange.loadBody();
  return sanity(options).inspect(exchange, { ...CONTEXT, ...context });
}

/** Whether a body (JSON text, or a value to send as JSON) keeps one rule. */
export async function keeps(rule: Rule, body: string | object): Promise<boolean> {
  const verdict = await inspect({ rules: [rule] }, { body });
  return verdict.kind === 'pass';
}
