import { expect, test } from 'vitest';
import type { Ruling } from '../src/decide.ts';
import { DECISION_CODES, type DecisionCode } from '../src/errors.ts';
import { MAX_PROBLEM_FINDINGS, problemResponse } from '../src/problem.ts';

function ruling(code: DecisionCode, more: Partial<Ruling> = {}): Ruling {
  const { status } = DECISION_CODES[code];
  return { outcome: 'deny', status, code, guard: 'g', reasons: [], findings: [], patches: [], headers: {}, ...more };
}

test('a refusal is problem+json with the members of RFC 9457 and our own', () => {
  const place = { in: 'body', pointer: '/a', start: 1, end: 3 } as const;
  const response = problemResponse(ruling('PTC_D201', { findings: [{ rule: 'pii/email', place, score: 1 }] }), 'id-1');
  expect(response.status).toBe(400);
  expect(response.headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(response.body)).toEqual({
    type: 'urn:portcullis:error:PTC_D201',
    title: 'Personal data not allowed',
    status: 400,
    detail: 'Personal data not allowed.',
    error: 'Personal data not allowed',
    code: 'PTC_D201',
    guard: 'g',
    decision_id: 'id-1',
    findings: [{ rule: 'pii/email', place }],
  });
});

test('Retry-After is the true wait, rounded up to whole seconds, at least one', () => {
  const after = (retryAfterMs: number): string | undefined =>
    problemResponse(ruling('PTC_D601', { retryAfterMs }), 'id').headers['retry-after'];
  expect([0, 1, 1_000, 1_001, 86_400_000].map(after)).toEqual(['1', '1', '1', '2', '86400']);
  expect(after(1e300)).toBe('2147483647');
  expect(problemResponse(ruling('PTC_D201'), 'id').headers['retry-after']).toBeUndefined();
});

test('a body with a thousand findings gets a short answer', () => {
  const place = { in: 'body', pointer: '/a' } as const;
  const findings = Array.from({ length: 1_000 }, () => ({ rule: 'pii/email', place, score: 1 }));
  const problem = JSON.parse(problemResponse(ruling('PTC_D201', { findings }), 'id').body);
  expect(problem.findings.length).toBe(MAX_PROBLEM_FINDINGS);
});

test('every code has a refusal status or annotates a success', () => {
  for (const [code, { status, title, reason }] of Object.entries(DECISION_CODES)) {
    expect([200, 202, 400, 401, 403, 404, 405, 409, 412, 413, 415, 428, 429, 500, 503], code).toContain(status);
    expect(title).toMatch(/^[A-Zp]/);
    expect(reason).toMatch(/^[a-z0-9_]+$/);
  }
});
