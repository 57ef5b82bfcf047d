import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DECISION_CODES } from '../../src/errors.ts';
import { createGate } from '../../src/gate.ts';
import { ledger } from '../../src/ledger/guard.ts';
import { buildExchange } from '../../src/testing/build-exchange.ts';

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSparseArray: true,
});
const orAnything = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 3, arbitrary }, { weight: 1, arbitrary: anything });

/** Almost verdicts: every member may be right, wrong, or absent. */
const almost = fc.record(
  {
    kind: orAnything(fc.constantFrom('pass', 'flag', 'escalate', 'error', 'deny', 'throttle', 'answer', 'redact')),
    code: orAnything(fc.constantFrom(...Object.keys(DECISION_CODES))),
    status: orAnything(fc.integer({ min: 100, max: 700 })),
    detail: orAnything(fc.string()),
    retryAfterMs: orAnything(fc.double()),
    facts: orAnything(fc.dictionary(fc.string(), anything)),
    headers: orAnything(fc.dictionary(fc.string(), fc.string())),
    findings: orAnything(fc.array(fc.record({ rule: orAnything(fc.string()), place: anything, score: fc.double() }))),
    patches: orAnything(fc.array(fc.record({ start: fc.integer(), end: fc.integer(), text: fc.string() }))),
    response: orAnything(fc.record({ status: fc.integer(), headers: anything, body: orAnything(fc.string()) })),
  },
  { requiredKeys: ['kind'] },
);

test('whatever a guard returns, there is one decision, its answer can be sent, and it goes into a record', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(almost, anything), fc.constantFrom('enforce', 'report-only'), async (value, stage) => {
      const records: string[] = [];
      const gate = createGate({
        guards: [
          ledger({ append: (record) => void records.push(JSON.stringify(record)) }),
          { name: 'odd', reads: 'body', inspect: () => value as never },
        ],
        stages: { odd: stage as 'enforce' },
      });
      const decision = await gate.inspect(buildExchange({ body: 'some text' }));
      expect(records.length).toBe(1);
      if (stage === 'report-only') expect(decision.outcome).toBe('allow');
      if (decision.response === undefined) return;
      // The platform's own Headers and Response refuse what cannot be sent.
      const { status, headers, body } = decision.response;
      expect(new Response([204, 205, 304].includes(status) ? null : body, { status, headers }).status).toBe(status);
    }),
    { numRuns: 3_000 },
  );
});
