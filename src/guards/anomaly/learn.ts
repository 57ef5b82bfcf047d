import type { Decision } from '../../decide.ts';

/**
 * Whether a request may become part of what is usual: accepted, and accepted too if every guard were enforced. So a
 * baseline learned while all guards only report is the one that it would have learned with all of them enforced.
 */
export function mayTeach(decision: Decision): boolean {
  return decision.outcome === 'allow' && decision.wouldBe.outcome === 'allow';
}

/** Whether a request was taken in, plainly or for a person to look at, with every guard enforced. */
export function wasTakenIn({ wouldBe }: Decision): boolean {
  return wouldBe.outcome === 'allow' || wouldBe.outcome === 'escalate';
}
