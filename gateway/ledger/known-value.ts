/** What a value of JSON looked like once, in memory that nobody else has. */
export type KnownValue = string | number | boolean | null | KnownList | KnownObject | undefined;

interface KnownList {
  readonly names?: undefined;
  readonly values: readonly KnownValue[];
}

interface KnownObject {
  readonly names: readonly string[];
  readonly values: readonly KnownValue[];
}

/** Remembers a value that `canonicalMember` took; `undefined` for one that {@link isKnown} could not tell from others. */
export function known(value: unknown): KnownValue {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'object':
      break;
    default:
      return undefined;
  }
  if (value === null) return null;
  const isList = Array.isArray(value);
  if (hasToJson(value) || !(isList || isPlain(value))) return undefined;
  const values = Object.values(value).map(known);
  // A list may have holes, or more than its items.
  if (values.includes(undefined) || (isList && values.length !== value.length)) return undefined;
  return isList ? { values } : { names: Object.keys(value), values };
}

/** Whether JSON has the same text for a value as for what was remembered. It may say no of one that it has. */
export function isKnown(value: unknown, as: KnownValue): boolean {
  if (typeof as !== 'object' || as === null) return value === as && as !== undefined;
  if (typeof value !== 'object' || value === null) return false;
  return as.names === undefined ? isKnownList(value, as) : isKnownObject(value, as);
}

function isKnownList(value: object, { values }: KnownList): boolean {
  if (!Array.isArray(value) || value.length !== values.length || hasToJson(value)) return false;
  for (let at = 0; at < values.length; at++) {
    // A call for each would take twice the time of all the rest.
    if (value[at] !== values[at] && !isKnown(value[at], values[at])) return false;
  }
  return true;
}

function isKnownObject(value: object, { names, values }: KnownObject): boolean {
  if (!isPlain(value) || hasToJson(value)) return false;
  let at = 0;
  for (const name in value) {
    if (name !== names[at]) return false;
    const member = (value as Record<string, unknown>)[name];
    if (member !== values[at] && !isKnown(member, values[at])) return false;
    at++;
  }
  return at === names.length;
}

function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype;
}

function hasToJson(value: object): boolean {
  return (value as { toJSON?: unknown }).toJSON !== undefined;
}
