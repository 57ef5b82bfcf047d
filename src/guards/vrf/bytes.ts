/**
 * A private copy of an argument's bytes, so that nothing can change them between two checks. It takes the memory that the
 * array has, whatever length, iterator or parts a subclass makes up.
 *
 * @throws {TypeError} if it is not a `Uint8Array`, or its memory is detached; the value itself stays out of the message.
 */
export function copyBytes(name: string, value: Uint8Array): Uint8Array<ArrayBuffer> {
  checkBytes(name, value);
  return new Uint8Array(value);
}

/** @throws {TypeError} if it is not a `Uint8Array`. */
export function checkBytes(name: string, value: Uint8Array): void {
  // A proxy is an instance, but no view of anything.
  if (ArrayBuffer.isView(value) && value instanceof Uint8Array) return;
  throw new TypeError(`${name} must be a Uint8Array`);
}
