/**
 * What a JSON merge patch (RFC 7396) makes of a value. Members are set as own ones, whatever their names. Linear in
 * both.
 *
 * @example
 * mergePatch({ rate: 5, pii: { mode: 'block' } }, { rate: null, pii: { types: ['email'] } });
 * // { pii: { mode: 'block', types: ['email'] } }
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const members = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name);
    else members.set(name, mergePatch(members.get(name), value));
  }
  return Object.fromEntries(members);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
