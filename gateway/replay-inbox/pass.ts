import { Buffer } from 'node:buffer';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exchange } from '../../src/exchange.ts';
import { defineGuard, type Guard, PASS } from '../../src/guard.ts';

/** Header that a pass is sent in. */
export const PASS_HEADER = 'x-portcullis-replay';

const FILE = 'replay-pass';
const PASS_BYTES = 32;
const PASS_TEXT = /^[0-9a-f]{64}$/;

/**
 * Writes a new pass beside the inbox log. Whoever can read it can read every request that came in, and may submit them again
 * from one address, whatever their signatures are.
 *
 * @returns whether a request carries the pass
 * @throws what the system says of a file that cannot be written
 */
export async function issuePass(directory: string): Promise<(exchange: Exchange) => boolean> {
  const pass = randomBytes(PASS_BYTES).toString('hex');
  const path = join(directory, FILE);
  await rm(path, { force: true });
  await writeFile(path, `${pass}\n`, { mode: 0o600, flag: 'wx' });
  const wanted = sha256(pass);
  return (exchange) => {
    const text = exchange.header(PASS_HEADER);
    return text !== undefined && timingSafeEqual(sha256(text), wanted);
  };
}

/** The pass of the gateway that runs on a directory; `undefined` where there is none. */
export async function readPass(directory: string): Promise<string | undefined> {
  try {
    const file = await open(join(directory, FILE), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(2 * PASS_BYTES + 1), position: 0 });
      const text = buffer.toString('latin1', 0, bytesRead).trimEnd();
      return PASS_TEXT.test(text) ? text : undefined;
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

/**
 * A limiter of failed authentications that lets requests with a pass by and charges nobody for them: they were taken in from
 * others, and those who share the address that they are submitted from have nothing to do with them.
 */
export function exceptReplays(guard: Guard, holdsPass: (exchange: Exchange) => boolean): Guard {
  return defineGuard({
    ...guard,
    inspect: (exchange, context) => (holdsPass(exchange) ? PASS : guard.inspect(exchange, context)),
  });
}

function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
