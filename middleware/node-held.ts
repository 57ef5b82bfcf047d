import { Buffer } from 'node:buffer';
import { type IncomingMessage, ServerResponse } from 'node:http';
import process from 'node:process';
import { types } from 'node:util';
import type { KnownResponse } from '../src/guard.ts';
import {
  answerInstead,
  callbackOf,
  type Field,
  type Method,
  type Methods,
  record,
  replaceBody,
  replay,
  sealEnd,
} from './node-recording.ts';
import { copyHeaders, copyOfFields, createRehearsal, innerOf, settingsOf } from './node-rehearsal.ts';

/** A response that its application writes as it always does, while nothing of it goes out. */
export interface HeldResponse {
  readonly status: number;
  /** Bytes of the body so far. */
  readonly size: number;
  /** The body so far, without the frames of its chunks. */
  body(): Buffer;
  /** A header or trailer by lower-case name; several values joined with `, `. */
  header(name: string): string | undefined;
  /** Has the head say the phrase that belongs to its status. */
  dropPhrase(): void;
  /** Sends what was held, call for call as the application made it, and from now on what it writes. */
  release(): void;
  /** Sends another body under the same head, without trailers and without these headers. */
  replace(body: Buffer, without: readonly string[]): void;
  /** Sends this instead, with those of the application's headers that may stay. What it still writes is dropped. */
  refuse(response: KnownResponse, mayStay: (header: string) => boolean): void;
}

export interface HoldOptions {
  /** Whether a response that is written in parts is released with its first. */
  readonly streams: 'pass' | 'hold';
  /** Bytes that are taken in before the application is asked to wait. */
  readonly maxBodyBytes: number;
  /** Called once: the response is whole, or larger than that. */
  readonly onHeld: () => void;
}

/** Say of a call that comes too late what Node says of it. */
const native = ServerResponse.prototype as unknown as Methods;

/**
 * Holds a response back. To its application it is the response that it would be: heads, ends, errors, callbacks and events
 * come as they would.
 */
export function holdResponse(req: IncomingMessage, res: ServerResponse, options: HoldOptions): HeldResponse {
  let rehearsal: ServerResponse | undefined;
  let size = 0;
  let isImplicit = false;
  let isAsked = false;

  const recording = record(res, {
    writeHead(...args) {
      if (recording.head !== undefined) return native.writeHead.apply(res, args);
      const rehearsed = createRehearsal(req, res);
      const own = args.map(copyOfFields);
      try {
        native.writeHead.apply(rehearsed, args.map(copyOfFields));
      } finally {
        // Node keeps what it had taken in, also of a head that it refuses.
        copyHeaders(rehearsed, res);
        res.statusCode = rehearsed.statusCode;
        res.statusMessage = rehearsed.statusMessage;
      }
      const given = typeof own[1] === 'string' ? own[2] : (own[2] ?? own[1]);
      const fields = rehearsed.getHeaderNames().length > 0 ? [] : fieldsOf(given);
      recording.head = { args: own, isImplicit, fields, settings: settingsOf(res) };
      rehearsal = rehearsed;
      innerOf(res)._header = innerOf(rehearsed)._header;
      if (!isImplicit) recording.calls.push(['writeHead', []]);
      return res;
    },
    flushHeaders() {
      if (res.writableEnded) return;
      if (options.streams === 'pass') return passOn('flushHeaders', []);
      writeImplicitHead();
      recording.calls.push(['flushHeaders', []]);
    },
    cork() {
      if (!res.writableEnded) recording.calls.push(['cork', []]);
    },
    uncork() {
      if (!res.writableEnded) recording.calls.push(['uncork', []]);
    },
    addTrailers(given) {
      if (res.writableEnded) native.addTrailers.call(new ServerResponse(req), given);
      // They are only taken down: what of them goes out is decided at the end.
      else recording.original.addTrailers.call(res, given);
    },
    write(...args) {
      if (res.writableEnded || res.destroyed) return native.write.apply(res, args);
      checkChunk(req, args[0]);
      if (options.streams === 'pass') return passOn('write', args);
      const own = take('write', args);
      const isOver = size > options.maxBodyBytes;
      const callback = callbackOf(args);
      if (isOver || callback === undefined) recording.calls.push(['write', own]);
      else {
        // An application that waits for one part before it writes the next must come to its end.
        recording.calls.push(['write', own.filter((arg) => arg !== callback)]);
        process.nextTick(callback);
      }
      recording.needsDrain ||= isOver;
      if (isOver) ask();
      return !isOver;
    },
    end(...args) {
      if (res.writableEnded) return native.end.apply(res, args);
      if (res.destroyed) return passOn('end', args);
      if (args[0] && typeof args[0] !== 'function') checkChunk(req, args[0]);
      recording.calls.push(['end', take('end', args)]);
      sealEnd(res);
      ask();
      return res;
    },
  });

  function ask(): void {
    if (isAsked) return;
    isAsked = true;
    options.onHeld();
  }

  /** Through all wrappers of `writeHead`, as Node does it. */
  function writeImplicitHead(): void {
    if (recording.head !== undefined) return;
    isImplicit = true;
    try {
      res.writeHead(res.statusCode);
    } finally {
      isImplicit = false;
    }
  }

  /** Takes content in, or throws what Node would; returns the arguments with a copy of it. */
  function take(method: 'write' | 'end', args: unknown[]): unknown[] {
    const [chunk, encoding] = contentOf(args);
    writeImplicitHead();
    checkEncoding(encoding);
    if (rehearsal !== undefined) rehearsal.strictContentLength = res.strictContentLength;
    (rehearsal as Methods | undefined)?.[method](chunk, encoding);
    if (!chunk) return args;
    if (typeof chunk === 'string') {
      size += Buffer.byteLength(chunk, encoding);
      return args;
    }
    size += chunk.byteLength;
    return args.with(0, Buffer.from(chunk));
  }

  function passOn(method: Method, args: unknown[]): unknown {
    replay(recording);
    return recording.original[method].apply(res, args);
  }

  return {
    get status() {
      return recording.head?.settings.statusCode ?? res.statusCode;
    },
    get size() {
      return size;
    },
    body() {
      const parts = recording.calls.filter(([method]) => method === 'write' || method === 'end');
      return Buffer.concat(parts.map(([, args]) => bytesOf(...contentOf(args))));
    },
    header(name) {
      const all = [...(recording.head?.fields ?? []), ...trailersOf(innerOf(res)._trailer)];
      const fields = all.filter(([own]) => own.toLowerCase() === name);
      const values = [res.getHeader(name) ?? [], ...fields.map(([, value]) => value)].flat();
      return values.length === 0 ? undefined : values.join(', ');
    },
    dropPhrase() {
      const { head } = recording;
      if (head === undefined) return;
      const args = typeof head.args[1] === 'string' ? [head.args[0], head.args[2]] : head.args;
      recording.head = { ...head, args, settings: { ...head.settings, statusMessage: '' } };
    },
    release: () => replay(recording),
    replace: (body, without) => replaceBody(recording, body, without),
    refuse: (response, mayStay) => answerInstead(req, recording, response, mayStay),
  };
}

/** Throws what Node throws for content that is none. */
function checkChunk(req: IncomingMessage, chunk: unknown): void {
  if (typeof chunk !== 'string' && !types.isUint8Array(chunk)) new ServerResponse(req).write(chunk);
}

/** Throws what a socket throws for an encoding that there is not. */
function checkEncoding(encoding: unknown): void {
  if (encoding && encoding !== 'buffer') Buffer.from('', String(encoding) as BufferEncoding);
}

type Content = readonly [chunk?: string | Uint8Array | undefined, encoding?: BufferEncoding];

/** What a call of `write` or `end` has as content; a callback may stand in place of either. */
function contentOf([chunk, encoding]: readonly unknown[]): Content {
  if (typeof chunk === 'function') return [];
  return [chunk, typeof encoding === 'function' ? undefined : encoding] as Content;
}

function bytesOf(chunk: Content[0], encoding: Content[1]): Buffer {
  if (!chunk) return Buffer.alloc(0);
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : (chunk as Buffer);
}

/** Fields as Node has written them. */
function trailersOf(text: string): Field[] {
  const lines = text.split('\r\n').filter((line) => line !== '');
  return lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]);
}

/** Fields as `writeHead` takes them: an object, pairs, or names and values in turn. */
function fieldsOf(given: unknown): Field[] {
  if (typeof given !== 'object' || given === null) return [];
  if (!Array.isArray(given)) return Object.entries(given);
  if (Array.isArray(given[0])) return given as Field[];
  const fields: Field[] = [];
  for (let at = 0; at + 1 < given.length; at += 2) fields.push([String(given[at]), given[at + 1]]);
  return fields;
}
