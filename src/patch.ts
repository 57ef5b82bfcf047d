/** Replaces `text.slice(start, end)` of the decoded body; offsets are UTF-16 code units. */
export interface Patch {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Applies patches in any order. Where two overlap, their union is replaced by the text of the one that starts
 * first: a value is never half uncovered because two guards disagree about its ends.
 * O(n log n) in the number of patches, linear in the text.
 *
 * @example
 * applyPatches('call 555', [{ start: 5, end: 8, text: '***' }]); // 'call ***'
 */
export function applyPatches(text: string, patches: readonly Patch[]): string {
  if (patches.length === 0) return text;
  const sorted = [...patches].sort((a, b) => a.start - b.start || b.end - a.end);
  let out = '';
  let covered = 0;
  for (const patch of sorted) {
    if (patch.start < covered) {
      covered = Math.max(covered, patch.end);
      continue;
    }
    out += text.slice(covered, patch.start) + patch.text;
    covered = patch.end;
  }
  return out + text.slice(covered);
}
