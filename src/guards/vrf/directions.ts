import { seedFromBeta } from './seed.ts';

/** Directions at most: work is linear in them. */
export const MAX_DIRECTIONS = 4_096;

/** Most that a component of a claimed direction may be off: records carry decimals, not all bits of a double. */
export const DIRECTION_TOLERANCE = 1e-9;

/** Rounds that mix the seed in before the first number is used, as the generator's author does. */
const WARM_UP = 12;

/**
 * Chris Doty-Humphrey's sfc32 (PractRand), seeded with 64 bits: 32-bit arithmetic only, the same numbers on every
 * platform. For sampling, not for secrets.
 *
 * @param seed a safe integer, 0 or more; its low and high 32 bits are both used
 * @returns a function that gives whole numbers from 0 to 2^32 - 1
 *
 * @example
 * const next = sfc32(12345);
 * next(); // 235160590
 */
export function sfc32(seed: number): () => number {
  let a = 0;
  let b = seed >>> 0;
  let c = Math.floor(seed / 2 ** 32) >>> 0;
  let counter = 1;
  const next = (): number => {
    const out = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + out) >>> 0;
    return out;
  };
  for (let i = 0; i < WARM_UP; i++) next();
  return next;
}

export type Direction = readonly [number, number, number];

/**
 * Directions spread evenly over the unit sphere, by G. Marsaglia's method ("Choosing a point from the surface of a
 * sphere", 1972): two numbers from -1 to 1, refused unless inside the unit circle. It needs a square root and no
 * trigonometry, so every platform draws the very same directions. Linear in count; a longer draw starts like a shorter.
 *
 * @param seed a safe integer, 0 or more
 *
 * @example
 * drawDirections(42, 1); // one direction, always the same
 */
export function drawDirections(seed: number, count: number): Direction[] {
  const next = directionSource(seed);
  return Array.from({ length: count }, next);
}

/**
 * The unit vectors that a VRF output fixes: those of its seed, see {@link seedFromBeta}. Who drew them cannot have
 * chosen them.
 *
 * @throws {RangeError} if beta is shorter than 8 bytes, or count is not from 0 to {@link MAX_DIRECTIONS}.
 *
 * @example
 * directionsFromBeta(result.beta, 128)[0]; // [x, y, z], of length 1
 */
export function directionsFromBeta(beta: Uint8Array, count: number): Direction[] {
  if (!Number.isInteger(count) || count < 0 || count > MAX_DIRECTIONS) {
    throw new RangeError(`count must be a whole number from 0 to ${MAX_DIRECTIONS}`);
  }
  return drawDirections(Number(seedFromBeta(beta)), count);
}

/**
 * Whether a vector is one of the first directions of a seed, each component within {@link DIRECTION_TOLERANCE}. Linear
 * in count, some 50 ns a direction.
 */
export function isDrawnDirection(seed: number, count: number, claimed: readonly number[]): boolean {
  if (claimed.length !== 3) return false;
  const next = directionSource(seed);
  for (let i = 0; i < count; i++) {
    const direction = next();
    if (direction.every((component, axis) => Math.abs(component - claimed[axis]!) <= DIRECTION_TOLERANCE)) return true;
  }
  return false;
}

function directionSource(seed: number): () => Direction {
  const next = sfc32(seed);
  const uniform = (): number => next() / 2 ** 31 - 1;
  return () => {
    for (;;) {
      const u = uniform();
      const v = uniform();
      const s = u * u + v * v;
      if (s >= 1) continue;
      const root = Math.sqrt(1 - s);
      return [2 * u * root, 2 * v * root, 1 - 2 * s];
    }
  };
}
