import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Client } from './load.ts';

/** Posts at a steady rate, whatever the answers take; the answers that came. */
export async function paced(
  client: Client,
  bodies: readonly string[],
  perSecond: number,
  headers: Readonly<Record<string, string>>,
): Promise<Answer[]> {
  const answers: Promise<Answer | undefined>[] = [];
  const began = performance.now();
  for (const [at, body] of bodies.entries()) {
    const wait = began + (at * 1_000) / perSecond - performance.now();
    if (wait > 0) await sleep(wait);
    answers.push(client.submit(body, headers));
  }
  return (await Promise.all(answers)).filter((answer) => answer !== undefined);
}
