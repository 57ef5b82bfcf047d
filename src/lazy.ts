/**
 * What is made when it is first asked for, and then kept: a table or a pattern that would take time when the module is
 * loaded, which on Workers every start pays.
 */
export function lazy<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
