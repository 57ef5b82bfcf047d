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
 * trigonometry, so every platform draws the very same directions.
 *
 * @example
 * drawDirections(42, 1); // one direction, always the same
 */
export function drawDirections(seed: number, count: number): Direction[] {
  const next = sfc32(seed);
  const uniform = (): number => next() / 2 ** 31 - 1;
  const directions: Direction[] = [];
  while (directions.length < count) {
    const u = uniform();
    const v = uniform();
    const s = u * u + v * v;
    if (s >= 1) continue;
    const root = Math.sqrt(1 - s);
    directions.push([2 * u * root, 2 * v * root, 1 - 2 * s]);
  }
  return directions;
}
