/** The later of two times in milliseconds since the epoch, of which an entry gives one; a time that is none is never later. */
export function laterOf(latest: number, timestamp: unknown): number {
  const at = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  return at > latest ? at : latest;
}

/** The latest of a time and of those that records give. Most of a batch are of the same millisecond. */
export function latestOf(latest: number, records: readonly { readonly timestamp: unknown }[]): number {
  let [time, before]: [number, unknown] = [latest, undefined];
  for (const { timestamp } of records) {
    if (timestamp !== before) time = laterOf(time, timestamp);
    before = timestamp;
  }
  return time;
}
