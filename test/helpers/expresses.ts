import express5 from 'express';
import express4 from 'express4';

export type ExpressFactory = typeof express5;

/** Every suite that mounts something in Express runs on both majors. */
export const EXPRESSES: Readonly<Record<4 | 5, ExpressFactory>> = { 5: express5, 4: express4 };
export const EXPRESS_VERSIONS: readonly (4 | 5)[] = [5, 4];

/** The catch-all path of each major. */
export function anyPath(version: 4 | 5): string {
  return version === 5 ? '/{*any}' : '*';
}
