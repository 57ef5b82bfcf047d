import { defineGuard, type Guard, PASS, type Verdict } from '../src/guard.ts';
import type { InboxRecord } from './inbox-log.ts';

const STALE: Verdict = Object.freeze({ kind: 'error', code: 'PTC_D801' });

/**
 * Appends the body, as it stands after the redactions in force, and waits until it is on the disk. It stands
 * before everything that could answer, so that no answered request is lost; a failure to write refuses (503). So does a
 * tenant of which nobody knows whether it still is as it was.
 */
export function inbox(append: (record: InboxRecord) => Promise<void>, isStale: (tenant: string) => boolean): Guard {
  return defineGuard({
    name: 'inbox',
    reads: 'body',
    defaultStage: 'enforce',
    deadlineMs: 10_000,
    async inspect(_exchange, { now, decisionId, tenant, currentBody }) {
      await append({ head: { at: now, decision_id: decisionId, tenant: tenant ?? null }, body: currentBody() });
      return tenant !== undefined && isStale(tenant) ? STALE : PASS;
    },
  });
}
