import type { Scope } from './scope.ts';

/** What a scenario saw, in numbers and words that belong in a report. */
export type Evidence = Readonly<Record<string, number | string | boolean>>;

/** One fault, what is done while it lasts, and what must hold afterwards. */
export interface Scenario {
  /** Stable, in kebab case: what `--only` takes. */
  readonly name: string;
  /** What must hold, in one sentence. */
  readonly holds: string;
  /** Throws where it does not hold. */
  readonly run: (scope: Scope) => Promise<Evidence>;
}

/** Ends the scenario with a sentence that says what was seen. */
export function must(holds: boolean, seen: string): asserts holds {
  if (!holds) throw new Error(seen);
}
