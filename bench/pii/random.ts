/** Numbers that are the same in every run. */
export interface Random {
  /** A whole number from 0 to `below`, exclusive. */
  int(below: number): number;
  pick<T>(list: readonly T[]): T;
  /** So many characters of an alphabet. */
  chars(alphabet: string, length: number): string;
}

/** Marsaglia's xorshift with 32 bits: enough to vary texts, and for nothing else. */
export function seeded(seed: number): Random {
  let state = seed | 0 || 1;
  const int = (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 4_294_967_296) * below);
  };
  return {
    int,
    pick: (list) => list[int(list.length)]!,
    chars: (alphabet, length) => Array.from({ length }, () => alphabet[int(alphabet.length)]).join(''),
  };
}
