import type { Decision, Ruling } from '../../../src/decide.ts';
import type { GuardContext } from '../../../src/guard.ts';

export function contextOf(parts: Partial<GuardContext> = {}): GuardContext {
  return { tenant: 'a', now: 0, decisionId: 'test', facts: {}, currentBody: () => new Uint8Array(), ...parts };
}

const RULING: Ruling = { outcome: 'allow', status: 200, reasons: [], findings: [], patches: [], headers: {} };

/** A decision as the gate would make it, with the parts that factors look at. */
export function decisionOf(parts: Partial<Decision> & { readonly would?: Partial<Ruling> } = {}): Decision {
  const { would, ...rest } = parts;
  const { outcome = 'allow', status = 200, code } = rest;
  const ruling = { ...RULING, outcome, status, ...(code !== undefined && { code }) };
  return {
    ...ruling,
    id: 'test',
    at: 0,
    tenant: 'a',
    method: 'POST',
    path: '/',
    verdicts: [],
    facts: {},
    ms: 0,
    wouldBe: { ...ruling, ...would },
    ...rest,
  };
}
