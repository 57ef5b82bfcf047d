/** Where something stands in a text: UTF-16 code units, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One line of `fixtures/pii/<type>.json`. */
export interface Case {
  readonly text: string;
  readonly find: readonly string[];
  readonly why: string;
}

export interface Score {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Share of the values that were found whose both ends are right. */
  readonly exact: number;
}

/** Where the values of a case stand, in order. */
export function expectedSpans({ text, find }: Case): Span[] {
  let from = 0;
  return find.map((value) => {
    const start = text.indexOf(value, from);
    from = start + value.length;
    return { start, end: from };
  });
}

/**
 * A finding is right if it overlaps a value that no earlier finding has; a value is found if a finding overlaps it.
 * Whether the ends are right is counted apart, so that a package that cuts off a plus sign is not counted as blind.
 */
export function score(cases: readonly Case[], find: (text: string) => readonly Span[]): Score {
  let found = 0;
  let expected = 0;
  let right = 0;
  let exact = 0;
  for (const item of cases) {
    const values = expectedSpans(item);
    const spans = find(item.text);
    found += spans.length;
    expected += values.length;
    const open = new Set(values);
    for (const span of spans) {
      const value = [...open].find(({ start, end }) => span.start < end && start < span.end);
      if (value === undefined) continue;
      open.delete(value);
      right++;
      if (value.start === span.start && value.end === span.end) exact++;
    }
  }
  const precision = found === 0 ? Number.NaN : right / found;
  const recall = expected === 0 ? Number.NaN : right / expected;
  const f1 = right === 0 ? 0 : (2 * right) / (found + expected);
  return { precision, recall, f1, exact: right === 0 ? Number.NaN : exact / right };
}
