import process from 'node:process';

/** A bar that shows how far long work is. */
export interface Progress {
  /** So much more is done. */
  add(amount: number): void;
  /** Takes the bar away. */
  end(): void;
}

const WIDTH = 30;
/** Milliseconds between two pictures. */
const EVERY_MS = 100;

/** What a progress bar is drawn on; `process.stderr` is one. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Draws on standard error, and only where somebody looks: what is piped into a file stays as it is. */
export function showProgress(
  total: number,
  terminal: Terminal = process.stderr,
  now: () => number = performance.now.bind(performance),
): Progress {
  let done = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;
  if (terminal.isTTY !== true) return { add: () => undefined, end: () => undefined };
  return {
    add(amount) {
      done += amount;
      if (now() - drawnAt < EVERY_MS) return;
      drawnAt = now();
      const part = total > 0 ? Math.min(1, done / total) : 1;
      const bar = '#'.repeat(Math.round(part * WIDTH)).padEnd(WIDTH, '.');
      terminal.write(`\r[${bar}] ${String(Math.floor(part * 100)).padStart(3)} %`);
    },
    end() {
      // Back to the beginning, and nothing on the line.
      terminal.write('\r\u001b[K');
    },
  };
}
