import type { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import process from 'node:process';
import type { KnownResponse } from '../src/guard.ts';
import { sendKnown } from './node-body.ts';
import { innerOf, type Settings, settingsOf } from './node-rehearsal.ts';

const METHODS = ['writeHead', 'flushHeaders', 'cork', 'uncork', 'write', 'addTrailers', 'end'] as const;
export type Method = (typeof METHODS)[number];
export type Methods = Record<Method, (...args: unknown[]) => unknown>;
export type Call = readonly [method: Method, args: unknown[]];

/** One header or trailer; several values of it as a list. */
export type Field = readonly [name: string, value: unknown];

export interface Head {
  /** Of the call of `writeHead`, which has none in the list of calls. */
  readonly args: unknown[];
  /** Written by `write` or `end` and not by the application. */
  readonly isImplicit: boolean;
  /** Headers that only `writeHead` knows. */
  readonly fields: readonly Field[];
  readonly settings: Settings;
}

/** What an application did to a response, call for call. */
export interface Recording {
  readonly res: ServerResponse;
  /** The methods that were there before; what they are given goes out. */
  readonly original: Methods;
  /** What the response's methods do now. */
  current: Methods;
  /** Whether nothing has been sent yet, and the response only looks as if. */
  isHeld: boolean;
  readonly calls: Call[];
  head: Head | undefined;
  /** Whether the application was asked to wait. */
  needsDrain: boolean;
}

/**
 * Puts methods before those of a response. They are never taken away again, only told to do something else, so that whoever
 * has wrapped them in the meantime stays in place.
 */
export function record(res: ServerResponse, holding: Methods): Recording {
  const original = Object.fromEntries(METHODS.map((method) => [method, res[method]])) as unknown as Methods;
  const recording: Recording = {
    res,
    original,
    current: holding,
    isHeld: true,
    calls: [],
    head: undefined,
    needsDrain: false,
  };
  const own = {} as Methods;
  for (const method of METHODS) own[method] = (...args) => recording.current[method].apply(res, args);
  // The deprecated other name of the same method.
  Object.assign(res, own, { writeHeader: own.writeHead });
  return recording;
}

/** Has a response say that it is ended, though nothing of it has gone out. */
export function sealEnd(res: ServerResponse): void {
  res.finished = true;
  Object.defineProperty(res, 'writableFinished', { configurable: true, get: () => false });
}

/** Makes the response what it was before its application wrote to it; returns what it had written. */
function unseal(recording: Recording, next: Methods): readonly Call[] {
  const { res, head, calls } = recording;
  recording.current = next;
  // A second head would be a second response on the wire.
  if (!recording.isHeld) return [];
  recording.isHeld = false;
  if (head !== undefined) {
    innerOf(res)._header = null;
    Object.assign(res, head.settings);
  }
  if (Object.hasOwn(res, 'writableFinished')) {
    Reflect.deleteProperty(res, 'writableFinished');
    res.finished = false;
  }
  return calls.splice(0);
}

/** Does all that was recorded, and from now on what the application does. */
export function replay(recording: Recording): void {
  const { res, head, original } = recording;
  const { strictContentLength } = res;
  const { statusCode, statusMessage, sendDate } = settingsOf(res);
  const calls = unseal(recording, original);
  if (head?.isImplicit) skipWrappers(recording, head.args);
  // Checked at each call, as it was then.
  res.strictContentLength = false;
  for (const [method, args] of calls) original[method].apply(res, method === 'writeHead' && head ? head.args : args);
  res.strictContentLength = strictContentLength;
  // Once there is a head they mean nothing to Node: they are what the application made them.
  if (head) Object.assign(res, { statusCode, statusMessage, sendDate });
  if (!res.writableEnded && !res.writableNeedDrain) drain(recording);
}

/** Sends another body under the same head, without trailers and without these headers. */
export function replaceBody(recording: Recording, body: Buffer, without: readonly string[]): void {
  const { res, head, original } = recording;
  const calls = unsealForOther(recording, original);
  for (const name of without) res.removeHeader(name);
  const isInParts = calls.some(([method]) => method === 'write' || method === 'flushHeaders');
  const isCounted = head?.isImplicit && !isInParts;
  if (res.hasHeader('transfer-encoding')) res.removeHeader('content-length');
  else if (isCounted || res.hasHeader('content-length')) res.setHeader('content-length', body.byteLength);
  if (head?.isImplicit) skipWrappers(recording, [head.settings.statusCode]);
  else original.writeHead.call(res, res.statusCode);
  if (isInParts) original.write.call(res, body);
  original.end.apply(res, isInParts ? [] : [body]);
}

/** Sends this instead, with those of the application's headers that may stay. What it still writes is dropped. */
export function answerInstead(
  req: IncomingMessage,
  recording: Recording,
  response: KnownResponse,
  mayStay: (header: string) => boolean,
): void {
  const { res, original } = recording;
  const dropped = dropping(recording);
  // Node corks a response to end it; one that it could not uncork would keep back what comes after it in a pipeline.
  unsealForOther(recording, { ...dropped, cork: original.cork, uncork: original.uncork });
  for (const name of res.getHeaderNames()) if (!mayStay(name)) res.removeHeader(name);
  res.statusMessage = '';
  skipWrappers(recording);
  const { end } = res;
  res.end = original.end as typeof end;
  try {
    sendKnown(req, res, response);
  } finally {
    res.end = end;
    recording.current = dropped;
  }
  drain(recording);
}

/** For a response that is not sent as it was written: its callbacks are called all the same. */
function unsealForOther(recording: Recording, next: Methods): readonly Call[] {
  const { res, head } = recording;
  const calls = unseal(recording, next);
  for (const call of calls) answer(res, call);
  for (const [name] of head?.fields ?? []) res.removeHeader(name);
  for (const [name, value] of head?.fields ?? []) res.appendHeader(name, value as string);
  res.removeHeader('trailer');
  recording.original.addTrailers.call(res, {});
  return calls;
}

/** The next head is this one, or the one that is given: its wrappers have been called already. */
function skipWrappers({ res, original }: Recording, args?: unknown[]): void {
  const outermost = res.writeHead;
  res.writeHead = ((...given: unknown[]) => {
    res.writeHead = outermost;
    return original.writeHead.apply(res, args ?? given);
  }) as typeof outermost;
}

/** For an application that does not get to know that the answer is not its own. */
function dropping({ res, original }: Recording): Methods {
  const nothing = (): void => {};
  return {
    writeHead: original.writeHead,
    flushHeaders: nothing,
    cork: nothing,
    uncork: nothing,
    addTrailers: nothing,
    write(...args) {
      answer(res, ['write', args]);
      return true;
    },
    end(...args) {
      answer(res, ['end', args]);
      return res;
    },
  };
}

function answer(res: ServerResponse, [method, args]: Call): void {
  const callback = callbackOf(args);
  if (callback === undefined) return;
  if (method === 'end' && !res.writableFinished) res.once('finish', callback);
  else process.nextTick(callback);
}

export function callbackOf(args: readonly unknown[]): (() => void) | undefined {
  return args.find((arg) => typeof arg === 'function') as (() => void) | undefined;
}

function drain({ res, needsDrain }: Recording): void {
  if (needsDrain) process.nextTick(() => res.emit('drain'));
}
