import { fullKit } from './full-kit.ts';
import { type Incremental, incrementalScan } from './incremental.ts';
import { narrow } from './normalize.ts';
import { type PercentReadings, percentReadings, type Shown } from './percent-readings.ts';
import { checkScannerOptions, type RedactorOptions, union } from './scanner.ts';
import { labelOf, type ScanFinding } from './types.ts';

/** Redacts a text that comes in parts. */
export interface Redactor {
  /** Takes the next part and returns what can no longer change, redacted. */
  push(part: string): string;
  /** Returns the rest. Nothing may be pushed after it. */
  end(): string;
}

/**
 * Makes a redactor for a text that comes in parts, cut anywhere: what it returns, put together, is exactly what
 * `createScanner(options).redact(text).text` is. A finished line is given out at once; of a line without end it keeps
 * some ten thousand characters, some thirty thousand where `secret` is looked for. Linear.
 *
 * @throws {ConfigError} if an option cannot work.
 *
 * @example
 * const redactor = createRedactor({ types: ['email'] });
 * redactor.push('mail jane@exam') + redactor.push('ple.org\n') + redactor.end(); // 'mail [REDACTED_EMAIL]\n'
 */
export function createRedactor(options: RedactorOptions = {}): Redactor {
  const { allows, plan } = checkScannerOptions(fullKit(), options);
  const scan: Incremental = incrementalScan(plan);
  let percent: PercentReadings | undefined;
  /** The text from `given` on. */
  let raw = '';
  /** Up to where the text has been given out, or is known to be covered by the first of `ahead`. */
  let given = 0;
  /** Findings that are not settled. */
  let waiting: ScanFinding[] = [];
  /** Findings without overlaps that have not been given out; the last may still grow. */
  let ahead: ScanFinding[] = [];

  function take(part: string, isLast: boolean): string {
    raw += part;
    const narrowed = narrow(part);
    if (percent === undefined && narrowed.includes('%')) {
      percent = percentReadings(scan.clone(), given + raw.length - part.length);
    }
    const found = scan.push(narrowed, isLast);
    if (percent === undefined) {
      add(found.map(({ finding }) => ({ finding, value: scan.slice(finding.start, finding.end) })));
    } else {
      add(percent.push(narrowed, scan.settled, isLast, found));
    }
    const { settled } = percent ?? scan;
    return give(isLast ? given + raw.length : settled);
  }

  function add(shown: readonly Shown[]): void {
    for (const { finding, value } of shown) if (!allows?.(value)) waiting.push(finding);
  }

  /** Gives out everything before `settled`, but for a value that reaches beyond it. */
  function give(settled: number): string {
    const ready = waiting.filter(({ start }) => start < settled);
    waiting = waiting.filter(({ start }) => start >= settled);
    const last = ahead.pop();
    ahead.push(...union(last === undefined ? [] : [last], ready));
    let text = '';
    for (const finding of ahead) {
      if (finding.start > given) text += drop(finding.start);
      if (finding.end > settled) break;
      text += labelOf(finding.type);
      drop(finding.end);
    }
    ahead = ahead.filter(({ end }) => end > settled);
    if (ahead.length === 0) return text + drop(settled);
    // What an unfinished value covers is not needed any more.
    drop(settled);
    return text;
  }

  /** Takes the text up to `until` off what is kept, and returns it. */
  function drop(until: number): string {
    const count = Math.max(0, until - given);
    const text = raw.slice(0, count);
    raw = raw.slice(count);
    given += count;
    return text;
  }

  /** Small parts are gathered: each scan costs as much as the text that is kept. */
  let gathered = '';
  return Object.freeze({
    push(part: string) {
      gathered += part;
      if (gathered.length < LEAST_PART && !part.includes('\n')) return '';
      const whole = gathered;
      gathered = '';
      return take(whole, false);
    },
    end() {
      const rest = gathered;
      gathered = '';
      return take(rest, true);
    },
  });
}

/** Characters from which a part without a line end is looked at. */
const LEAST_PART = 1_024;

/**
 * A transform that redacts text on its way: {@link createRedactor} as a web stream.
 *
 * @throws {ConfigError} if an option cannot work.
 *
 * @example
 * response.body.pipeThrough(new TextDecoderStream()).pipeThrough(createRedactStream()).pipeThrough(new TextEncoderStream());
 */
export function createRedactStream(options: RedactorOptions = {}): TransformStream<string, string> {
  const redactor = createRedactor(options);
  const hand = (text: string, controller: TransformStreamDefaultController<string>): void => {
    if (text !== '') controller.enqueue(text);
  };
  return new TransformStream({
    transform: (part, controller) => hand(redactor.push(part), controller),
    flush: (controller) => hand(redactor.end(), controller),
  });
}
