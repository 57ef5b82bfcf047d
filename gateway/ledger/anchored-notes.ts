/**
 * The checkpoints in a file that an anchor appended to: lines of text, an empty line, lines of signatures. What is between
 * them, such as one that a crash cut off, is left out. Linear.
 *
 * @example
 * const notes = notesIn(await readFile('/mnt/anchor/ledger.txt', 'utf8'));
 */
export function notesIn(text: string): readonly string[] {
  const blocks = text.split('\n\n').map((block) => block.replace(/^\n+|\n$/g, ''));
  return blocks.flatMap((block, at) => {
    const body = blocks[at - 1] ?? '';
    return block.startsWith('\u2014 ') && body !== '' ? [`${body}\n\n${block}\n`] : [];
  });
}
