import { lazy } from '../../lazy.ts';
import type { Quiet } from './quiet.ts';
import type { Recognizer } from './recognizers/recognizer.ts';

interface Made {
  readonly recognizers: readonly Recognizer[];
  readonly quiet: Quiet;
}

/** Automata that are kept: few programs look for more different sets of types. */
const MOST = 8;

/** The newest first. */
const MADE = lazy((): Made[] => []);

/** The automaton for these recognizers: a redactor is made for each stream, and most for the same types as the one before. */
export function sharedQuiet(recognizers: readonly Recognizer[], make: () => Quiet): Quiet {
  const all = MADE();
  const known = all.find(
    (made) =>
      made.recognizers.length === recognizers.length && made.recognizers.every((each, at) => each === recognizers[at]),
  );
  if (known !== undefined) return known.quiet;
  const quiet = make();
  all.unshift({ recognizers, quiet });
  all.length = Math.min(all.length, MOST);
  return quiet;
}
