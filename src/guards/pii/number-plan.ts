import { SEPARATORS } from './chars.ts';
import type { Planned } from './plan.ts';
import { LONGEST_RUN, LONGEST_SECOND, type NumberShape, type Recognizer } from './recognizers/recognizer.ts';

/** Who is asked about a number, by its shape. There are thousands of shapes, and a few lists. */
export interface NumberPlan {
  /** By {@link placeOfShape}: which of the lists. */
  readonly places: Uint16Array;
  readonly lists: readonly (readonly Planned[])[];
}

/** A recognizer that waits for digits. */
export interface Digits {
  readonly planned: Planned;
  readonly recognizer: Recognizer;
}

/** No value has fewer digits in a row unless a separator follows them. */
const FEWEST_BARE_DIGITS = 7;

/**
 * Where a shape is in a {@link NumberPlan}; 0 is nobody's.
 *
 * @param separator which of {@link SEPARATORS}, counted from 1; 0 for none
 * @param flags 1 for a leading zero, 2 for a number in a row
 */
export function placeOfShape(run: number, separator: number, second: number, flags: number): number {
  return ((separator * (LONGEST_RUN + 1) + run) * (LONGEST_SECOND + 1) + second) * 4 + flags;
}

/** Works out who is asked about which shape; of those who ask about the same, in the order given. */
export function numberPlan(waiting: readonly Digits[]): NumberPlan {
  const places = new Uint16Array(placeOfShape(0, SEPARATORS.length + 1, 0, 0));
  const lists: (readonly Planned[])[] = [[]];
  const known = new Map<string, number>([['', 0]]);
  for (let kind = 0; kind <= SEPARATORS.length; kind++) {
    const separator = kind === 0 ? '' : SEPARATORS.charAt(kind - 1);
    for (let run = 1; run <= LONGEST_RUN; run++) {
      const fitting = waiting.filter(({ recognizer }) => waitsFor(recognizer, run, separator));
      // Without a separator there is no second group.
      for (let second = 0; second <= (kind === 0 ? 0 : LONGEST_SECOND); second++) {
        for (let flags = 0; flags < 4; flags++) {
          const shape = { run, separator, second, isZero: (flags & 1) !== 0, isInRow: (flags & 2) !== 0 };
          places[placeOfShape(run, kind, second, flags)] = listOf(fitting, shape, lists, known);
        }
      }
    }
  }
  return { places, lists };
}

function listOf(
  waiting: readonly Digits[],
  shape: NumberShape,
  lists: (readonly Planned[])[],
  known: Map<string, number>,
): number {
  const asked = waiting.filter(({ recognizer }) => recognizer.opens?.(shape) ?? true).map(({ planned }) => planned);
  const key = asked.map(({ rank }) => rank).join();
  let place = known.get(key);
  if (place === undefined) {
    place = lists.push(asked) - 1;
    known.set(key, place);
  }
  return place;
}

function waitsFor({ runs, separators = SEPARATORS }: Recognizer, run: number, separator: string): boolean {
  if (runs !== undefined && !runs.includes(run)) return false;
  return run >= FEWEST_BARE_DIGITS || (separator !== '' && separators.includes(separator));
}
