/** When the table of a key is built. */
export type TableAt = 'second use' | 'once';

/** Use of a key, counted from 1, at which its table is built: a key that is seen once never pays for one. */
export const TABLE_AT_USE = 2;
