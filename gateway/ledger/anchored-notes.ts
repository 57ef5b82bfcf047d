import { parseCheckpoint } from '../../src/ledger/checkpoint.ts';
import { parseNote } from '../../src/ledger/note.ts';
import { type LedgerLine, readLines } from './read.ts';

/** What a file holds that an anchor appended to. */
export interface AnchoredNotes {
  /** Signed notes of checkpoints, as they were appended. */
  readonly notes: readonly string[];
  /** Pieces that are no whole note, such as one that a crash cut off. */
  readonly leftOut: number;
}

/** Bytes of the shortest signature; of one that is shorter the end was cut off. */
const SIGNATURE_BYTES = 64;
/** Lines of one note at most: a checkpoint has three, and some signatures. */
const MAX_LINES = 1_000;

/**
 * The checkpoints in a file: lines of text, an empty line, lines of signatures. Linear; memory for the notes only.
 *
 * @throws what the system says of a file that cannot be read
 *
 * @example
 * const { notes } = await readAnchored('/mnt/anchor/ledger.txt');
 */
export function readAnchored(path: string): Promise<AnchoredNotes> {
  return notesIn(readLines(path, 0, true));
}

/** The checkpoints among lines. */
export async function notesIn(lines: AsyncIterable<LedgerLine>): Promise<AnchoredNotes> {
  const notes: string[] = [];
  let leftOut = 0;
  let text: string[] = [];
  let signatures: string[] = [];
  /** Whether an empty line came behind the text. */
  let isClosed = false;

  function finish(): void {
    const note = `${text.join('\n')}\n\n${signatures.join('\n')}\n`;
    if (isWhole(note)) notes.push(note);
    else if (text.length > 0) leftOut++;
    text = [];
    signatures = [];
    isClosed = false;
  }

  for await (const { state, text: line } of lines) {
    if (state === 'whole' && line === '') {
      if (signatures.length > 0) finish();
      else isClosed = text.length > 0;
    } else if (isClosed && line.startsWith('\u2014 ')) {
      signatures.push(line);
    } else {
      if (isClosed || text.length >= MAX_LINES) finish();
      text.push(line);
    }
  }
  finish();
  return { notes, leftOut };
}

function isWhole(note: string): boolean {
  const { text = '', signatures = [] } = parseNote(note) ?? {};
  return (
    parseCheckpoint(text) !== undefined && signatures.every(({ signature }) => signature.length >= SIGNATURE_BYTES)
  );
}
