import type { readyPatterns } from './custom/patterns.ts';
import type { customScan } from './custom/scan.ts';
import type { Recognizer } from './recognizers/recognizer.ts';
import { DEFAULT_PII_TYPES, PII_TYPES, type PiiType } from './types.ts';

/** What scanners are made of: what is not in it does not have to be in a bundle. */
export interface Kit {
  /** All that can be looked for, the most specific first. */
  readonly types: readonly PiiType[];
  /** What is looked for unless told otherwise. */
  readonly defaultTypes: readonly PiiType[];
  readonly recognizers: Readonly<Partial<Record<PiiType, Recognizer>>>;
  /** Patterns of one's own, if they are taken. */
  readonly patterns: { readonly ready: typeof readyPatterns; readonly scan: typeof customScan } | undefined;
}

/** A kit of some recognizers; its default is those of them that are always looked for, or all of them. */
export function kitOf(recognizers: Kit['recognizers'], patterns: Kit['patterns']): Kit {
  const types = Object.freeze(PII_TYPES.filter((type) => recognizers[type] !== undefined));
  const usual = DEFAULT_PII_TYPES.filter((type) => types.includes(type));
  return { types, defaultTypes: usual.length === 0 ? types : Object.freeze(usual), recognizers, patterns };
}
