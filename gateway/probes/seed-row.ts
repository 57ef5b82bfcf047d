import type { Column, TenantTable } from './catalogue.ts';

/** Values that constraints of our own columns ask for, by the column's name. */
const BY_NAME: Readonly<Record<string, unknown>> = {
  entry_hash: '0'.repeat(64),
  lane: 'tenant',
  state: 'stored',
};

/** Values that fit a type; a text for any other. */
const BY_TYPE: Readonly<Record<string, unknown>> = {
  boolean: false,
  smallint: 1,
  integer: 1,
  bigint: 1,
  numeric: 1,
  real: 1,
  'double precision': 1,
  jsonb: '{}',
  json: '{}',
  date: '2030-01-01',
  'timestamp with time zone': '2030-01-01T00:00:00Z',
  'timestamp without time zone': '2030-01-01T00:00:00',
};

/**
 * The statement that adds a row of a tenant to a table that nobody described: what has to be named is named, with a
 * value of the column's type.
 *
 * @param mark a text that no other row has: an id that several columns may share
 */
export function seedRow(
  table: TenantTable,
  tenant: string,
  mark: string,
): { readonly text: string; readonly values: unknown[] } {
  const columns = table.columns.filter(({ name, isRequired }) => isRequired || name === 'tenant_id');
  const values = columns.map((column) => (column.name === 'tenant_id' ? tenant : sampleOf(column, mark)));
  const places = columns.map(({ type }, at) => `$${at + 1}::${type}`);
  const names = columns.map(({ name }) => name);
  return { text: `insert into ${table.name} (${names.join(', ')}) values (${places.join(', ')})`, values };
}

function sampleOf({ name, type }: Column, mark: string): unknown {
  if (Object.hasOwn(BY_NAME, name)) return BY_NAME[name];
  return Object.hasOwn(BY_TYPE, type) ? BY_TYPE[type] : mark;
}
