import type { Quiet } from './quiet.ts';
import type { Recognizer } from './recognizers/recognizer.ts';

interface Made {
  readonly recognizers: readonly Recognizer[];
  readonly quiet: Quiet;
}

/** Automata that are kept: few programs look for more different sets of types. */
const MOST = 8;

/** The newest first. */
const MADE: Made[] = [];

/** The automaton for these recognizers: a redactor is made for each stream, and most for the same types as the one before. */
export function sharedQuiet(recognizers: readonly Recognizer[], make: () => Quiet): Quiet {
  const known = MADE.find(
    (made) =>
      made.recognizers.length === recognizers.length && made.recognizers.every((each, at) => each === recognizers[at]),
  );
  if (known !== undefined) return known.quiet;
  const quiet = make();
  MADE.unshift({ recognizers, quiet });
  MADE.length = Math.min(MADE.length, MOST);
  return quiet;
}
