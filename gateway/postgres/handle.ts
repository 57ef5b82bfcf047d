import type { Statements } from './lane.ts';

/**
 * Lends statements of a transaction to `use`, and takes them back: what was asked and not waited for is waited for, and
 * fails the transaction where it failed; what is asked later is refused, as the connection may be in another tenant's hands.
 */
export async function lend<T>(statements: Statements, use: (lent: Statements) => Promise<T>): Promise<T> {
  const pending = new Set<Promise<unknown>>();
  let isOver = false;
  const lent = <Result>(start: () => Promise<Result>): Promise<Result> => {
    if (isOver) return Promise.reject(new TypeError('this transaction is over'));
    const work = start();
    pending.add(work);
    // Only what is under way counts: whoever caught an error has seen it.
    const done = (): void => void pending.delete(work);
    work.then(done, done);
    return work;
  };
  try {
    return await use({
      query: (text, values) => lent(() => statements.query(text, values)),
      script: (text) => lent(() => statements.script(text)),
    });
  } finally {
    isOver = true;
    await Promise.allSettled(pending);
  }
}
