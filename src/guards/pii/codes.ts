import { classOf } from './chars.ts';
import { LONGEST_WORD } from './recognizers/recognizer.ts';

/**
 * A text as bytes, which a search reads several times faster than characters: ASCII characters are themselves, and
 * others one of four bytes that say what {@link classOf} says of them.
 */
export type Codes = Uint8Array;

/** A stretch of a text as bytes. */
export interface CodeView {
  readonly bytes: Codes;
  /** Where in the text the first byte stands. */
  base: number;
  /** Where in the text the stretch ends. */
  end: number;
}

/** Gives views of texts, one at a time or nested. */
export interface CodeBook {
  /** The beginning of a text, or all of it; to be given back when it has been read. */
  open(text: string): CodeView;
  close(view: CodeView): void;
}

/** Characters in a view: what stays in a processor's cache. */
const VIEW = 65_536;
/** Before a place that a search goes on from, in a view that does not begin with the text: the longest word, and some. */
const BACK = LONGEST_WORD + 16;

/** Characters for one of each class beyond ASCII: the ideographic full stop, `é`, and a blank and a hyphen that do not break. */
const FOREIGN = [0x3002, 0xe9, 0xa0, 0x2011] as const;
const FIRST_FOREIGN = 128;

/** What each byte is: see {@link classOf}. */
export const CODE_CLASSES: Uint16Array = Uint16Array.from({ length: 256 }, (_, code) =>
  classOf(code < FIRST_FOREIGN ? code : (FOREIGN[code - FIRST_FOREIGN] ?? FOREIGN[0])),
);

/** Characters up to which going over them is faster than a call of the encoder. */
const SHORT = 64;

const ENCODER = new TextEncoder();

/** Makes a code book. It keeps room between texts, not what was in it. */
export function codeBook(): CodeBook {
  let idle: Codes | undefined;
  return {
    open(text) {
      const size = Math.min(text.length, VIEW);
      const bytes = idle !== undefined && idle.length >= size ? idle : new Uint8Array(roomFor(size));
      idle = undefined;
      const view = { bytes, base: 0, end: 0 };
      show(view, text, 0);
      return view;
    },
    close({ bytes, base, end }) {
      bytes.fill(0, 0, base === 0 ? end : bytes.length);
      idle = bytes;
    },
  };
}

/** Moves a view on, to show what a search needs that goes on at `at`. */
export function show(view: CodeView, text: string, at: number): void {
  view.base = Math.max(0, at - BACK);
  view.end = Math.min(text.length, view.base + view.bytes.length);
  const stretch = view.base === 0 && view.end === text.length ? text : text.slice(view.base, view.end);
  if (stretch.length <= SHORT) fill(view.bytes, stretch, 0);
  else write(view.bytes, view.bytes, stretch, 0);
}

/** A view of a text that the viewed one begins with, for a search that goes on at `at`. */
export function viewOfPart(view: CodeView, part: string, at: number): CodeView {
  const isShown = (view.base === 0 || at - BACK >= view.base) && part.length <= view.end;
  if (isShown) return { bytes: view.bytes, base: view.base, end: part.length };
  const own = { bytes: new Uint8Array(part.length - Math.max(0, at - BACK)), base: 0, end: 0 };
  show(own, part, at);
  return own;
}

/** Writes the bytes of `more` behind `length` others, and gives what holds them all: what was given, or larger. */
export function appendCodes(codes: Codes, length: number, more: string): Codes {
  let room = codes;
  if (room.length < length + more.length) {
    room = new Uint8Array(2 * (length + more.length));
    room.set(codes.subarray(0, length));
  }
  if (more.length <= SHORT) fill(room, more, length);
  else write(room, room.subarray(length), more, length);
  return room;
}

function write(codes: Codes, rest: Codes, text: string, at: number): void {
  const { read, written } = ENCODER.encodeInto(text, rest);
  if (read !== text.length || written !== read) fill(codes, text, at);
}

function roomFor(length: number): number {
  return Math.max(1_024, 2 ** Math.ceil(Math.log2(length)));
}

function fill(codes: Codes, text: string, from: number): void {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    codes[from + at] = code < FIRST_FOREIGN ? code : foreign(code);
  }
}

function foreign(code: number): number {
  const found = classOf(code);
  let byte = FIRST_FOREIGN;
  while (CODE_CLASSES[byte] !== found) byte++;
  return byte;
}
