/**
 * A private copy of an argument's bytes, so that nothing can change them between two checks.
 *
 * @throws {TypeError} if it is not a `Uint8Array`; the value itself stays out of the message.
 */
export function copyBytes(name: string, value: Uint8Array): Uint8Array {
  checkBytes(name, value);
  return Uint8Array.from(value);
}

/** @throws {TypeError} if it is not a `Uint8Array`. */
export function checkBytes(name: string, value: Uint8Array): void {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${name} must be a Uint8Array`);
}
