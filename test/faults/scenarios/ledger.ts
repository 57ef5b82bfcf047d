import type { Scenario } from '../scenario.ts';

export const ledgerScenarios: readonly Scenario[] = [];
