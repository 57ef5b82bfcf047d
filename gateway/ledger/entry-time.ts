/** The later of two times in milliseconds since the epoch, of which an entry gives one; a time that is none is never later. */
export function laterOf(latest: number, timestamp: unknown): number {
  const at = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  return at > latest ? at : latest;
}
