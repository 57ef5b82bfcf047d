import { ConfigError } from '../../src/errors.ts';
import { checkEach } from '../../src/mistakes.ts';
import { TENANT_ID } from '../../src/tenancy/tenant.ts';

/** Tenants of one page where nothing is said. */
export const DEFAULT_PAGE = 100;
/** Tenants of one page at most. */
export const MAX_PAGE = 1_000;

/** Which tenants of the list are wanted. */
export interface Page {
  readonly limit: number;
  /** The id that the page begins behind. */
  readonly after: string | undefined;
}

/** @throws {ConfigError} for parameters that are unknown, there twice, or out of range. */
export function pageOf(query: string): Page {
  const parameters = [...new URLSearchParams(query)];
  const known = ['limit', 'after'];
  checkEach(parameters.entries(), ([at, [name]]) => {
    const isTwice = parameters.findIndex((one) => one[0] === name) !== at;
    if (known.includes(name) && !isTwice) return;
    throw new ConfigError('PTC_E004', 'query', name, `use ${known.join(', ')}, each once`);
  });
  const values = new Map(parameters);
  const limit = values.get('limit') ?? String(DEFAULT_PAGE);
  const after = values.get('after');
  if (!/^\d{1,4}$/.test(limit) || Number(limit) < 1 || Number(limit) > MAX_PAGE) {
    throw new ConfigError('PTC_E003', 'limit', limit, `give a whole number from 1 to ${MAX_PAGE}`);
  }
  if (after !== undefined && !TENANT_ID.test(after)) throw new ConfigError('PTC_E002', 'after', after, 'give an id');
  return { limit: Number(limit), after };
}

/** The ids of a page, by code unit, and the id to ask for the next page with. */
export function idsOnPage(
  ids: readonly string[],
  { limit, after }: Page,
): { readonly ids: readonly string[]; readonly next: string | null } {
  const behind = ids.filter((id) => after === undefined || id > after).sort();
  const page = behind.slice(0, limit);
  return { ids: page, next: behind.length > limit ? (page.at(-1) ?? null) : null };
}
