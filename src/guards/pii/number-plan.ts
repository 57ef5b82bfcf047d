import { SEPARATORS } from './chars.ts';
import type { Planned } from './plan.ts';
import { LONGEST_RUN, LONGEST_SECOND, type Recognizer } from './recognizers/recognizer.ts';

/** A recognizer that waits for digits. */
export interface Digits {
  readonly planned: Planned;
  readonly recognizer: Recognizer;
}

/** Who is asked about a number, by its shape. There are thousands of shapes; each is thought of when it is first met. */
export interface NumberPlan {
  /** Nobody: what a number is asked about that may not begin where it does. */
  readonly nobody: readonly Planned[];
  /**
   * @param run digits in a row, up to {@link LONGEST_RUN}
   * @param separator which of {@link SEPARATORS} follows, counted from 1; 0 for none
   * @param second digits in a row behind that, up to {@link LONGEST_SECOND}
   * @param flags {@link LEADING_ZERO} and {@link IN_ROW}
   */
  askedAbout(run: number, separator: number, second: number, flags: number): readonly Planned[];
}

export const LEADING_ZERO = 1;
/** A separator and a digit stand before. */
export const IN_ROW = 2;

/** No value has fewer digits in a row unless a separator follows them. */
export const FEWEST_BARE_DIGITS = 7;

const SECONDS = LONGEST_SECOND + 1;
const SHAPES = (SEPARATORS.length + 1) * (LONGEST_RUN + 1) * SECONDS * 4;

/** @param waiting in the order in which they are asked */
export function numberPlan(waiting: readonly Digits[]): NumberPlan {
  const nobody: readonly Planned[] = [];
  /** By shape: which of the lists, counted from 1; 0 where nobody has thought of it. */
  const places = new Uint16Array(SHAPES);
  const lists = [nobody];
  const known = new Map([['', 1]]);

  function think(run: number, kind: number, second: number, flags: number): number {
    const separator = kind === 0 ? '' : SEPARATORS.charAt(kind - 1);
    const shape = {
      run,
      separator,
      second,
      isZero: (flags & LEADING_ZERO) !== 0,
      isInRow: (flags & IN_ROW) !== 0,
    };
    const asked = waiting
      .filter(({ recognizer }) => waitsFor(recognizer, run, separator) && (recognizer.opens?.(shape) ?? true))
      .map(({ planned }) => planned);
    const key = asked.map(({ rank }) => rank).join();
    const place = known.get(key) ?? lists.push(asked);
    known.set(key, place);
    return place;
  }

  return {
    nobody,
    askedAbout(run, separator, second, flags) {
      const shape = ((separator * (LONGEST_RUN + 1) + run) * SECONDS + second) * 4 + flags;
      if (places[shape] === 0) places[shape] = think(run, separator, second, flags);
      return lists[places[shape]! - 1]!;
    },
  };
}

function waitsFor({ runs, separators = SEPARATORS }: Recognizer, run: number, separator: string): boolean {
  if (runs !== undefined && !runs.includes(run)) return false;
  return run >= FEWEST_BARE_DIGITS || (separator !== '' && separators.includes(separator));
}
