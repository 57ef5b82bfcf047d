import { ConfigError } from '../../errors.ts';

/** Rows of a table at most. */
export const MAX_POINTS = 1_000_000;

/** Columns of a table at most: a PCS describes points in space. */
export const MAX_COLUMNS = 3;

/** A table of points in the unit cube: `x0, y0, z0, x1, …`, each from 0 to 1. */
export interface UnitPoints {
  readonly count: number;
  readonly coordinates: Float64Array;
}

/**
 * Scales each column of a table to 0..1 by its own minimum and maximum. A column that does not vary becomes 0, and
 * columns that are missing to make three are 0 too. Linear in the table.
 *
 * @throws {ConfigError} for a table that is empty, too long, ragged, wider than {@link MAX_COLUMNS}, or holds what
 * is not a finite number.
 *
 * @example
 * toUnitCube([[1, 10], [3, 20]]).coordinates; // 0, 0, 0, 1, 1, 0
 */
export function toUnitCube(points: readonly (readonly number[])[]): UnitPoints {
  const columns = checkTable(points);
  const coordinates = new Float64Array(points.length * 3);
  for (let column = 0; column < columns; column++) {
    let min = Infinity;
    let max = -Infinity;
    for (const row of points) {
      min = Math.min(min, row[column]!);
      max = Math.max(max, row[column]!);
    }
    if (min === max) continue;
    // The span of two huge numbers overflows; half of it cannot.
    const unit = Number.isFinite(max - min) ? 1 : 0.5;
    const span = max * unit - min * unit;
    for (let i = 0; i < points.length; i++) {
      coordinates[i * 3 + column] = (points[i]![column]! * unit - min * unit) / span;
    }
  }
  return { count: points.length, coordinates };
}

/** Returns the number of columns. */
function checkTable(points: readonly (readonly number[])[]): number {
  const option = 'summarize.points';
  if (!Array.isArray(points)) throw new ConfigError('PTC_E002', option, points, 'give an array of rows of numbers');
  if (points.length < 1 || points.length > MAX_POINTS) {
    throw new ConfigError('PTC_E003', option, points, `give 1 to ${MAX_POINTS} rows`);
  }
  const columns: unknown = points[0]?.length;
  if (typeof columns !== 'number' || columns < 1 || columns > MAX_COLUMNS) {
    throw new ConfigError('PTC_E003', `${option}[0]`, points[0], `give rows of 1 to ${MAX_COLUMNS} numbers`);
  }
  for (let i = 0; i < points.length; i++) {
    const row: unknown = points[i];
    if (!Array.isArray(row) || row.length !== columns || !isFiniteRow(row)) {
      throw new ConfigError('PTC_E002', `${option}[${i}]`, row, `give ${columns} finite numbers in every row`);
    }
  }
  return columns;
}

/** Counts on indices, because `every` passes over the holes of a sparse array. */
function isFiniteRow(row: readonly unknown[]): boolean {
  for (let i = 0; i < row.length; i++) if (!Number.isFinite(row[i])) return false;
  return true;
}
