import { describe, expect, test } from 'vitest';
import { defineGuard, type Verdict } from '../../src/guard.ts';
import { pii } from '../../src/guards/pii/guard.ts';
import { buildExchange } from '../../src/testing/build-exchange.ts';
import { DecisionMismatch, type ExpectedDecision, expectDecision } from '../../src/testing/expect-decision.ts';
import { createTestKit } from '../../src/testing/test-kit.ts';

const SECRET = 'jane@example.org';

async function decide(stage: 'enforce' | 'report-only' = 'enforce') {
  const says = (name: string, verdict: Verdict) => defineGuard({ name, inspect: () => verdict });
  const gate = createTestKit().gate({
    guards: [
      says('facts', {
        kind: 'pass',
        facts: { beta: SECRET, counts: new Map([[2, [1, 4]]]) },
        headers: { 'x-note': SECRET },
      }),
      says('doubts', {
        kind: 'escalate',
        code: 'PTC_D501',
        findings: [{ rule: 'a/b', place: { in: 'query' }, score: 1 }],
      }),
      pii({ mode: 'block', headers: ['x-note'] }),
    ],
    stages: { facts: 'enforce', doubts: 'enforce', pii: stage },
    tenant: () => SECRET,
  });
  return gate.inspect(buildExchange({ body: { to: SECRET, cc: SECRET }, headers: { 'x-note': SECRET } }));
}

const FOUND = ['a/b at query', 'pii/email at /to', 'pii/email at /cc', 'pii/email at header x-note'];

describe('what is expected', () => {
  test.each<[string, ExpectedDecision]>([
    ['nothing', {}],
    ['the ruling', { outcome: 'deny', status: 400, code: 'PTC_D201', guard: 'pii' }],
    ['the reasons', { reasons: ['PTC_D501'] }],
    ['the verdicts', { verdicts: { facts: 'pass', doubts: 'escalate', pii: 'deny' } }],
    ['findings with places', { findings: FOUND }],
    ['in another order', { findings: [...FOUND].reverse() }],
    ['without places', { findings: ['a/b', 'pii/email', 'pii/email', 'pii/email'] }],
    ['some with places', { findings: ['pii/email', 'pii/email', 'pii/email at /to', 'a/b'] }],
    ['facts', { facts: { beta: SECRET, counts: new Map([[2, [1, 4]]]) } }],
    ['headers', { headers: { 'x-note': SECRET } }],
    ['the tenant', { tenant: SECRET }],
    ['what would be', { wouldBe: { outcome: 'deny', code: 'PTC_D201' } }],
  ])('%s: may be', async (_what, expected) => {
    expectDecision(await decide(), expected);
  });

  test.each<[string, ExpectedDecision, string]>([
    ['outcome', { outcome: 'allow' }, 'outcome: allow expected, deny found'],
    ['status', { status: 200 }, 'status: 200 expected, 400 found'],
    ['code', { code: 'PTC_D301' }, 'code: PTC_D301 expected, PTC_D201 found'],
    ['no code', { code: null }, 'code: none expected, PTC_D201 found'],
    ['guard', { guard: 'doubts' }, 'guard: doubts expected, pii found'],
    ['reasons', { reasons: [] }, 'reasons: none expected, PTC_D501 found'],
    ['wait', { retryAfterMs: 5 }, 'retryAfterMs: 5 expected, none found'],
    ['verdict', { verdicts: { pii: 'pass' } }, 'verdict of pii: pass expected, deny found'],
    ['verdict of nobody', { verdicts: { nobody: 'pass' } }, 'verdict of nobody: pass expected, none found'],
    ['a finding too few', { findings: FOUND.slice(1) }, 'findings: pii/email at /to'],
    ['a finding too many', { findings: [...FOUND, 'pii/email'] }, 'findings: a/b at query'],
    ['another place', { findings: ['a/b at /x', ...FOUND.slice(1)] }, 'findings: a/b at /x'],
    ['no findings', { findings: [] }, 'findings: none expected, a/b at query'],
    ['a fact', { facts: { beta: 'other' } }, 'fact beta: another expected, one found'],
    ['a fact in depth', { facts: { counts: new Map([[2, [1, 5]]]) } }, 'fact counts: another expected, one found'],
    ['a fact that is not there', { facts: { gone: undefined } }, 'fact gone: another expected, none found'],
    ['a header', { headers: { 'x-note': 'other' } }, 'header x-note: another expected, one found'],
    ['a header that is not there', { headers: { 'x-gone': '' } }, 'header x-gone: another expected, none found'],
    ['the tenant', { tenant: 'other' }, 'tenant: another expected, one found'],
    ['no tenant', { tenant: null }, 'tenant: none expected, one found'],
    ['what would be', { wouldBe: { outcome: 'allow' } }, 'wouldBe.outcome: allow expected, deny found'],
  ])('%s: is not', async (_what, expected, line) => {
    const decision = await decide();
    const compare = (): void => expectDecision(decision, expected);
    expect(compare).toThrow(DecisionMismatch);
    expect(compare).toThrow(line);
    expect(compare).not.toThrow(SECRET);
  });
});

test('the message says all at once, and what the guards said, and no value', async () => {
  const decision = await decide('report-only');
  let message = '';
  try {
    expectDecision(decision, { outcome: 'deny', code: 'PTC_D201', facts: { beta: 'x' }, headers: { 'x-note': 'y' } });
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toBe(`The decision is not the one that is expected.
  outcome: deny expected, escalate found
  code: PTC_D201 expected, PTC_D501 found
  header x-note: another expected, one found
  fact beta: another expected, one found
It is escalate 202, PTC_D501 of doubts; with every guard enforced it would be deny 400, PTC_D201 of pii.
  facts (enforce): pass
  doubts (enforce): escalate PTC_D501, a/b at query
  pii (report-only): deny PTC_D201, pii/email at header x-note, pii/email at /to, pii/email at /cc`);
});
