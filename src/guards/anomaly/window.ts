/** The last values of a series, kept in order of size as well, so that median and spread need no sorting. */
export interface ValueWindow {
  readonly size: number;
  /** Adds a value; a full window forgets its oldest. O(capacity), by moving at most that many numbers. */
  push(value: number): void;
  /** Middle value, or the mean of the two in the middle; `NaN` of none. O(1). */
  median(): number;
  /** Median of the distances from the median; `NaN` of none. O(capacity). */
  mad(): number;
}

/** Values that a window keeps: a median of 64 moves only when 32 of them do. */
export const WINDOW_SIZE = 64;

/** Makes the median absolute deviation of a normal distribution its standard deviation: 1 / Φ⁻¹(3/4). */
export const MAD_TO_SIGMA = 1.482602218505602;

/**
 * Makes an empty window. Values must be finite.
 *
 * @example
 * const window = createWindow(7);
 * for (const value of [1, 1, 2, 2, 4, 6, 9]) window.push(value);
 * window.mad(); // 1
 */
export function createWindow(capacity: number = WINDOW_SIZE): ValueWindow {
  const ring = new Float64Array(capacity);
  const sorted = new Float64Array(capacity);
  let size = 0;
  let next = 0;

  /** Index of the first sorted value that is not less. */
  function indexOf(value: number): number {
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function median(): number {
    if (size === 0) return Number.NaN;
    const half = size >>> 1;
    const upper = sorted[half] as number;
    return size % 2 === 1 ? upper : mean(sorted[half - 1] as number, upper);
  }

  return {
    get size() {
      return size;
    },
    push(value) {
      if (size === capacity) {
        const oldest = indexOf(ring[next] as number);
        sorted.copyWithin(oldest, oldest + 1, size);
        size--;
      }
      const at = indexOf(value);
      sorted.copyWithin(at + 1, at, size);
      sorted[at] = value;
      size++;
      ring[next] = value;
      next = (next + 1) % capacity;
    },
    median,
    mad() {
      // Distances grow outwards from the median, so merging the two sides meets them in order.
      const middle = median();
      let right = indexOf(middle);
      let left = right - 1;
      let before = Number.NaN;
      let distance = Number.NaN;
      for (let met = 0; met <= size >>> 1 && met < size; met++) {
        const below = left >= 0 ? middle - (sorted[left] as number) : Infinity;
        const above = right < size ? (sorted[right] as number) - middle : Infinity;
        before = distance;
        if (below <= above) {
          distance = below;
          left--;
        } else {
          distance = above;
          right++;
        }
      }
      return size % 2 === 1 ? distance : mean(before, distance);
    },
  };
}

/** How many robust standard deviations a value lies above (positive) or below the median, spread being at least `minSpread`. */
export function robustZ(value: number, window: ValueWindow, minSpread: number): number {
  return (value - window.median()) / Math.max(MAD_TO_SIGMA * window.mad(), minSpread);
}

/** Halves first: the sum of two large numbers may overflow. */
function mean(a: number, b: number): number {
  return a / 2 + b / 2;
}
