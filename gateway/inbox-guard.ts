import { defineGuard, type Guard, PASS } from '../src/guard.ts';
import type { InboxRecord } from './inbox-log.ts';

/**
 * Appends the body, as it stands after the redactions in force, and waits until it is on the disk. It stands
 * before everything that could answer, so that no answered request is lost; a failure to write refuses (503).
 */
export function inbox(append: (record: InboxRecord) => Promise<void>): Guard {
  return defineGuard({
    name: 'inbox',
    reads: 'body',
    defaultStage: 'enforce',
    deadlineMs: 10_000,
    async inspect(_exchange, { now, decisionId, tenant, currentBody }) {
      await append({ head: { at: now, decision_id: decisionId, tenant: tenant ?? null }, body: currentBody() });
      return PASS;
    },
  });
}
