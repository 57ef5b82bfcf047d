import { appendCodes, type Codes } from './codes.ts';
import { CONTEXT_AFTER, CONTEXT_BEFORE } from './context.ts';
import type { Hint } from './hints.ts';
import { FARTHEST_BACK, type Found, nothingYet, pass, type State, startAt } from './pass.ts';
import type { Plan } from './plan.ts';
import { LONGEST_WORD } from './recognizers/recognizer.ts';

/** A scan of a text that comes in parts. Offsets count from the beginning of the text. */
export interface Incremental {
  /**
   * Takes the next part and returns the findings that are final now, in order.
   *
   * @param hints what another reading has shown in this part, or goes on into it from the one before
   */
  push(part: string, isLast: boolean, hints?: readonly Hint[]): readonly Hint[];
  /** Every finding that is yet to come begins here or later. */
  readonly settled: number;
  /** The text from `start` to `end`; at least of findings that were just returned. */
  slice(start: number, end: number): string;
  /** The same scan, to be gone on with apart. */
  clone(): Incremental;
}

/** Before an anchor that is yet to be looked at, what is farther away than this does not change any more. */
const UNSETTLED = LONGEST_WORD + FARTHEST_BACK + 2_048;
/** What recognizers may look back at, before the first character that is not settled. */
const LOOK_BACK = LONGEST_WORD + CONTEXT_BEFORE + 1_024;

interface Window {
  text: string;
  /** Of the text, and room for more. */
  codes: Codes;
  /** Where the window begins in the whole text. */
  base: number;
  state: State;
  found: Found;
  hints: readonly Hint[];
}

/** Scans a text in parts: what it finds is what a scan of the whole would. Keeps a bounded stretch of the text. */
export function incrementalScan(plan: Plan): Incremental {
  return resume(plan, {
    text: '',
    codes: new Uint8Array(0),
    base: 0,
    state: startAt(0, 0),
    found: nothingYet(),
    hints: [],
  });
}

function resume(plan: Plan, window: Window): Incremental {
  const lookAhead = plan.reach + LONGEST_WORD + CONTEXT_AFTER;
  let settled = window.base;

  function push(part: string, isLast: boolean, more: readonly Hint[]): readonly Hint[] {
    window.codes = appendCodes(window.codes, window.text.length, part);
    window.text += part;
    if (more.length > 0) window.hints = [...window.hints, ...more.map((hint) => moved(hint, -window.base))];
    const { text, codes, state, found, hints } = window;
    const line = plan.lineOpeners.some((opener) => text.includes(opener)) ? 0 : text.lastIndexOf('\n') + 1;
    const limit = isLast ? Number.POSITIVE_INFINITY : Math.max(text.length - lookAhead, line);
    if (state.at < limit)
      pass(
        { text, view: { bytes: codes, base: 0, end: text.length }, plan, key: undefined, found, hints },
        state,
        limit,
      );
    // Nothing reaches over a line end, forward or back.
    const at = isLast ? text.length : Math.min(state.at, limit);
    const end = isLast ? at : Math.max(0, at - UNSETTLED, Math.min(at, line));
    settled = window.base + end;
    const done = found.list.findIndex(({ start }) => start >= end);
    const count = done < 0 ? found.list.length : done;
    const winners = found.winners.splice(0, count);
    const final = found.list.splice(0, count).map((finding, i) => ({
      finding: shifted(finding, window.base),
      winner: winners[i]!,
    }));
    found.doubts.splice(0, count);
    const last = final.at(-1);
    if (last !== undefined) state.edge = last.finding.end - window.base;
    return final;
  }

  /** Lets go of what nobody looks at any more; called at the next push, so that `slice` still works until then. */
  function trim(): void {
    const cut = settled - window.base - LOOK_BACK;
    if (cut < LOOK_BACK) return;
    const { state, found } = window;
    const back = (position: number): number => position - cut;
    window.codes.copyWithin(0, cut, window.text.length);
    window.text = window.text.slice(cut);
    window.base += cut;
    window.state = {
      at: back(state.at),
      floor: Math.max(0, back(state.floor)),
      edge: Math.max(0, back(state.edge)),
      back: Math.max(0, back(state.back)),
      spoiled: state.spoiled.map((candidate) => shifted(candidate, -cut)),
    };
    window.found = {
      list: found.list.map((finding) => shifted(finding, -cut)),
      winners: found.winners,
      doubts: found.doubts.map((doubts) => doubts.map((candidate) => shifted(candidate, -cut))),
    };
    window.hints = window.hints.filter(({ finding }) => finding.end > cut).map((hint) => moved(hint, -cut));
  }

  return {
    push(part, isLast, hints = []) {
      trim();
      return push(part, isLast, hints);
    },
    get settled() {
      return settled;
    },
    slice: (start, end) => window.text.slice(start - window.base, end - window.base),
    clone() {
      const { text, codes, base, state, found, hints } = window;
      const { list, winners, doubts } = found;
      return resume(plan, {
        text,
        codes: codes.slice(),
        base,
        state: { ...state, spoiled: [...state.spoiled] },
        found: { list: [...list], winners: [...winners], doubts: [...doubts] },
        hints,
      });
    },
  };
}

function moved({ finding, winner }: Hint, by: number): Hint {
  return { finding: shifted(finding, by), winner };
}

function shifted<T extends { readonly start: number; readonly end: number }>(span: T, by: number): T {
  return { ...span, start: span.start + by, end: span.end + by };
}
