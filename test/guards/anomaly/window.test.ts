import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWindow, MAD_TO_SIGMA, robustZ } from '../../../src/guards/anomaly/window.ts';

function windowOf(values: readonly number[], capacity?: number): ReturnType<typeof createWindow> {
  const window = createWindow(capacity);
  for (const value of values) window.push(value);
  return window;
}

/** The definition, by sorting. */
function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? (sorted[half] as number) : (sorted[half - 1] as number) / 2 + (sorted[half] as number) / 2;
}

describe('median and mad', () => {
  it.each([
    // The example of the Wikipedia article on the median absolute deviation.
    [[1, 1, 2, 2, 4, 6, 9], 2, 1],
    // python3 -c "import statistics as st; d=[...]; m=st.median(d); print(m, st.median([abs(x-m) for x in d]))"
    [[12.5, -3, 7, 7, 100, 0.25, 7, 9, -50, 8], 7, 3.75],
    [[12.5, -3, 7, 7, 100, 0.25, 7, 9, -50], 7, 5.5],
    [[4], 4, 0],
    [[4, 8], 6, 2],
    [[5, 5, 5, 5], 5, 0],
  ])('of %j are %d and %d', (values, median, mad) => {
    const window = windowOf(values);
    expect(window.median()).toBe(median);
    expect(window.mad()).toBe(mad);
  });

  it('of nothing are no numbers', () => {
    expect(createWindow().median()).toBeNaN();
    expect(createWindow().mad()).toBeNaN();
  });

  it('agree with sorting, for the last values only', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.oneof(fc.integer({ min: -4, max: 4 }), fc.double({ min: -1e6, max: 1e6, noNaN: true })), {
          minLength: 1,
          maxLength: 40,
        }),
        (capacity, values) => {
          const window = windowOf(values, capacity);
          const last = values.slice(-capacity);
          const median = medianOf(last);
          expect(window.size).toBe(last.length);
          // + 0: the sign of a zero is no matter.
          expect(window.median() + 0).toBe(median + 0);
          expect(window.mad()).toBe(medianOf(last.map((value) => Math.abs(value - median))));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('do not overflow', () => {
    expect(windowOf([1e308, 1.5e308]).median()).toBe(1.25e308);
  });
});

describe('robustZ', () => {
  it('is 1.4826 times the modified z-score / 0.6745 of Iglewicz and Hoaglin', () => {
    // python3: m=median, s=mad/NormalDist().inv_cdf(.75); (x-m)/s for x = 2.1, 8.2, 8.3
    const window = windowOf([2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3]);
    expect(robustZ(2.1, window, 0.01)).toBeCloseTo(-1.5738094171241874, 12);
    expect(robustZ(8.2, window, 0.01)).toBeCloseTo(25.85544042418307, 11);
    expect(robustZ(8.3, window, 0.01)).toBeCloseTo(26.30510025764713, 11);
    // NormalDist().inv_cdf(.75) ** -1
    expect(MAD_TO_SIGMA).toBe(1.482602218505602);
  });

  it('never takes the spread for less than the least', () => {
    expect(robustZ(6, windowOf([5, 5, 5]), 0.5)).toBe(2);
    expect(robustZ(4, windowOf([5, 5, 5]), 0.5)).toBe(-2);
  });
});
