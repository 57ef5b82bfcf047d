import { ConfigError } from '../../errors.ts';
import { knownOptions } from '../../options.ts';
import { type AllowList, type Allows, allowList } from './allow-list.ts';
import { NO_ANCHOR } from './anchors.ts';
import { keyWords } from './context.ts';
import type { CustomEngine } from './custom/engine.ts';
import type { CustomPattern, ReadyPattern } from './custom/patterns.ts';
import { decodePercent } from './decode.ts';
import { fullKit } from './full-kit.ts';
import { decodedHints, hintsOf, rawHints } from './hints.ts';
import type { Kit } from './kit.ts';
import { narrow } from './normalize.ts';
import { type KeyWords, scanText } from './pass.ts';
import { type Plan, planOf } from './plan.ts';
import { redactFindings } from './redact.ts';
import { checkThreshold, checkTypes } from './scanner-options.ts';
import type { PiiType, ScanFinding } from './types.ts';

/** What a redactor of streams takes: the options of a scanner without patterns, which streams cannot look for. */
export interface RedactorOptions {
  /** What to look for. Default {@link DEFAULT_PII_TYPES}. */
  readonly types?: readonly PiiType[];
  /** Values that are found and let be. Default: none. */
  readonly allow?: AllowList;
  /**
   * Confidence, 0 to 1, from which a value counts: one number for every type, or by type. Default: the type's own, which
   * is 0 for types that their form is enough for, and higher for those that need a word near them.
   */
  readonly threshold?: number | Readonly<Partial<Record<PiiType, number>>>;
}

export interface ScannerOptions extends RedactorOptions {
  /** Patterns of one's own, in RE2 syntax. Default none. */
  readonly patterns?: readonly CustomPattern[];
  /** What runs them: `re2Wasm()` of `portcullis/pii-re2`, or `re2js()` of `portcullis/pii-re2js`. */
  readonly engine?: CustomEngine;
}

export interface ScanOptions {
  /**
   * The JSON key that the text is the value of, or what gives it, asked only where it matters: `nhsNumber` makes ten
   * digits more likely to be one.
   */
  readonly key?: string | (() => string | undefined);
}

export interface Scanner {
  readonly types: readonly PiiType[];
  /** No match of a custom pattern is shorter, in UTF-16 code units; `Infinity` without patterns. */
  readonly shortestCustom: number;
  /** Whether a stretch of a text, taken by itself, may hold a value; a look at its characters, and `true` for long ones. */
  mayHold(text: string, start: number, end: number): boolean;
  /** Findings in the order in which they stand in the text; no two overlap. */
  scan(text: string, options?: ScanOptions): ScanFinding[];
  /** The text with each finding replaced by its label, and where the findings were. */
  redact(text: string, options?: ScanOptions): { text: string; findings: ScanFinding[] };
}

/**
 * Makes a scanner for personal data. It holds no state between calls but the words of the last key. One pass over the text, which jumps to the next
 * character that a value must contain; linear in the text for any text, lone surrogates included; never throws, but where
 * the engine of custom patterns fails.
 * Of two values that overlap, the longer counts, then the surer, then the more specific. Full-width characters count as
 * their ASCII forms, and percent-encoding hides nothing.
 *
 * @throws {ConfigError} if an option is unknown or of the wrong type.
 *
 * @example
 * const scanner = createScanner({ types: ['email', 'phone'] });
 * scanner.redact('Call (415) 555-2671').text; // 'Call [REDACTED_PHONE]'
 */
export function createScanner(options: ScannerOptions = {}): Scanner {
  return makeScanner(fullKit(), 'scanner', options);
}

/** {@link createScanner} of what is in a kit, with a name for the place where patterns were given. */
export function makeScanner(kit: Kit, option: string, options: ScannerOptions): Scanner {
  knownOptions('scanner', options, [...BUILT_IN_OPTIONS, 'patterns', 'engine']);
  const { patterns, engine, ...builtIn } = options;
  const { types, allows, plan } = checkScannerOptions(kit, builtIn);
  const ready = patternsOf(kit, option, patterns, engine);
  const least = typeof options.threshold === 'number' ? options.threshold : 0;
  const wordsOf = wordBook();
  const custom = ready.length === 0 ? undefined : kit.patterns?.scan(ready, least);

  function scan(text: string, { key }: ScanOptions = {}): ScanFinding[] {
    const words = key === undefined ? undefined : () => wordsOf(typeof key === 'string' ? key : key());
    const plain = narrow(text);
    const found = scanText(plain, plan, words);
    // The engine finds one character many times faster than three.
    if (!plain.includes('%') || !PERCENT.test(plain)) return withCustom(plain, plain, found.list, words);
    // Twice more: decoded, knowing what is there; and as it stands, knowing what is hidden.
    const decoded = decodePercent(plain, false);
    const readable = narrow(decoded.text);
    const hidden = hintsOf(scanText(readable, plan, words, decodedHints(hintsOf(found), decoded)));
    // With nothing to know, the third reading is the first.
    const again = hidden.length === 0 ? found : scanText(plain, plan, words, rawHints(hidden, decoded.rawOffset));
    const inDecoded = hidden.map(({ finding }) => finding);
    return union(
      withCustom(plain, plain, again.list, words),
      withCustom(readable, decoded.text, inDecoded, words).map((finding) => placed(finding, decoded.rawOffset)),
    );
  }

  /** @param shown the text as allow-lists know it */
  function withCustom(text: string, shown: string, builtIn: ScanFinding[], words?: KeyWords): ScanFinding[] {
    const findings = settled(shown, builtIn);
    if (custom === undefined) return findings;
    return custom(text, words).reduce((all, found) => union(all, settled(shown, found)), findings);
  }

  function settled(text: string, findings: ScanFinding[]): ScanFinding[] {
    return allows === undefined ? findings : findings.filter(({ start, end }) => !allows(text.slice(start, end)));
  }

  return Object.freeze({
    types,
    mayHold: (text: string, start: number, end: number) =>
      custom !== undefined || end - start > SHORT || !isQuiet(text, start, end, plan.anchors.kinds),
    shortestCustom: Math.min(...ready.map(({ lengths }) => lengths.min)),
    scan,
    redact(text: string, scanOptions?: ScanOptions) {
      const findings = scan(text, scanOptions);
      return { text: redactFindings(text, findings), findings };
    },
  });
}

/** Characters of a stretch that is looked at before anything else: keys and words, which most strings of a record are. */
const SHORT = 64;
const PERCENT_SIGN = 0x25;

/** Whether all is ASCII, and no character that anybody waits for. */
function isQuiet(text: string, start: number, end: number, anchors: Uint8Array): boolean {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code >= 128 || code === PERCENT_SIGN || anchors[code] !== NO_ANCHOR) return false;
  }
  return true;
}

function placed(finding: ScanFinding, offset: (position: number) => number): ScanFinding {
  return { ...finding, start: offset(finding.start), end: offset(finding.end) };
}

/** The words of a key, worked out once for all values under it: there may be as many as a body has room for. */
function wordBook(): (key: string | undefined) => string | undefined {
  let last = '';
  let words = '';
  return (key) => {
    if (key === undefined) return undefined;
    if (key !== last) {
      words = keyWords(key);
      last = key;
    }
    return words;
  };
}

const PERCENT = /%[0-9a-fA-F]{2}/;

/** Options of the types that are built in. */
const BUILT_IN_OPTIONS = ['types', 'allow', 'threshold'] as const satisfies readonly (keyof RedactorOptions)[];

/** @throws {ConfigError} for patterns that cannot work, and for any at all where the kit takes none. */
export function patternsOf(
  kit: Kit,
  option: string,
  patterns: ScannerOptions['patterns'],
  engine: ScannerOptions['engine'],
): readonly ReadyPattern[] {
  if (kit.patterns !== undefined) return kit.patterns.ready(option, patterns, engine);
  if (patterns === undefined) return [];
  throw new ConfigError('PTC_E003', `${option}.patterns`, patterns, 'take the guard of portcullis/pii for patterns');
}

/** What the options come to. */
interface ScannerParts {
  readonly types: readonly PiiType[];
  readonly allows: Allows | undefined;
  readonly plan: Plan;
}

/** @throws {ConfigError} naming the option that cannot work. */
export function checkScannerOptions(kit: Kit, options: RedactorOptions): ScannerParts {
  knownOptions('scanner', options, BUILT_IN_OPTIONS);
  const types = checkTypes('scanner.types', options.types, kit);
  const allows = options.allow === undefined ? undefined : allowList('scanner.allow', options.allow);
  const thresholds = checkThreshold('scanner.threshold', options.threshold);
  const plan = planOf(
    types.flatMap((type) => kit.recognizers[type] ?? []),
    thresholds,
  );
  return { types, allows, plan };
}

/** Two sorted lists as one without overlaps: what overlaps becomes one finding, of the longer one's type. */
export function union(first: readonly ScanFinding[], second: readonly ScanFinding[]): ScanFinding[] {
  const all = [...first, ...second].sort((a, b) => a.start - b.start || b.end - a.end);
  const merged: ScanFinding[] = [];
  for (const finding of all) {
    const last = merged.at(-1);
    if (last === undefined || finding.start >= last.end) {
      merged.push(finding);
      continue;
    }
    const longer = isPreferred(finding, last) ? finding : last;
    merged[merged.length - 1] = { ...longer, start: last.start, end: Math.max(last.end, finding.end) };
  }
  return merged;
}

/** Longer; or as long, and built in where the other is custom. */
function isPreferred(finding: ScanFinding, other: ScanFinding): boolean {
  const longer = finding.end - finding.start - (other.end - other.start);
  return longer > 0 || (longer === 0 && isCustom(other) && !isCustom(finding));
}

function isCustom({ type }: ScanFinding): boolean {
  return type === 'custom';
}
