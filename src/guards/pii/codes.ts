import { classOf } from './chars.ts';

/**
 * A text as bytes, which a search reads several times faster than characters: ASCII characters are themselves, and
 * others one of four bytes that say what {@link classOf} says of them.
 */
export type Codes = Uint8Array;

/** Turns whole texts into bytes. */
export interface CodeBook {
  /** The bytes of a text, and perhaps more behind them; to be given back when they have been read. */
  take(text: string): Codes;
  giveBack(codes: Codes, length: number): void;
}

/** Characters for one of each class beyond ASCII: the ideographic full stop, `é`, and a blank and a hyphen that do not break. */
const FOREIGN = [0x3002, 0xe9, 0xa0, 0x2011] as const;
const FIRST_FOREIGN = 128;

/** What each byte is: see {@link classOf}. */
export const CODE_CLASSES: Uint16Array = Uint16Array.from({ length: 256 }, (_, code) =>
  classOf(code < FIRST_FOREIGN ? code : (FOREIGN[code - FIRST_FOREIGN] ?? FOREIGN[0])),
);

/** Characters up to which going over them is faster than a call of the encoder. */
const SHORT = 64;

/** Bytes that are kept for the next text; longer texts get their own. */
const MOST_KEPT = 65_536;
const ENCODER = new TextEncoder();

/** Makes a code book. It keeps room between texts, not what was in it. */
export function codeBook(): CodeBook {
  let idle: Codes | undefined;
  return {
    take(text) {
      const { length } = text;
      const codes = idle !== undefined && idle.length >= length ? idle : new Uint8Array(roomFor(length));
      idle = undefined;
      if (length <= SHORT) fill(codes, text, 0);
      else write(codes, codes, text, 0);
      return codes;
    },
    giveBack(codes, length) {
      if (codes.length > MOST_KEPT) return;
      codes.fill(0, 0, length);
      idle = codes;
    },
  };
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
  return length > MOST_KEPT ? length : Math.max(1_024, 2 ** Math.ceil(Math.log2(length)));
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
