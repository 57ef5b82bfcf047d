import { type JsonDocument, type JsonNumber, type JsonString, literalText } from '../../json.ts';
import { type Decoded, decodeJsonEscapes } from './decode.ts';
import { FEWEST_DIGITS, integersOf } from './integers.ts';
import { isAtOneOf, type SafePointer, type Tokens } from './pointers.ts';
import type { ReadyPolicy } from './policy.ts';
import { addFinding, isSettled, type Report, type Span } from './report.ts';
import type { ScanFinding } from './types.ts';

/** What the guard's options say about parts of a JSON body. */
export interface Fields {
  readonly ignore: readonly Tokens[];
  readonly identifiers: readonly Tokens[];
  readonly protect: readonly Tokens[];
  readonly keys: boolean;
  readonly numbers: boolean;
  /** Numbers that may be any. */
  readonly exceptNumbers: readonly Tokens[];
  /** Pointer of a node, or of a key in it, that may be shown to anyone. */
  readonly pointer: SafePointer;
}

/** No value of a built-in type is shorter. */
const SHORTEST_VALUE = 3;

/** Scans string values, and keys and numbers if asked, for their decoded text. Linear in the document. */
export function scanJson(document: JsonDocument, policy: ReadyPolicy, fields: Fields, report: Report): void {
  for (const string of document.strings) scanString(document, string, policy, fields, report);
  if (fields.keys) for (const key of document.keys) scanKey(document, key, policy, fields, report);
  if (fields.numbers) for (const number of document.numbers()) scanNumber(document, number, policy, fields, report);
}

function scanString(
  document: JsonDocument,
  string: JsonString,
  policy: ReadyPolicy,
  fields: Fields,
  report: Report,
): void {
  if (isQuiet(document, string, policy)) return;
  const value = decodedValue(document, string, policy, report);
  if (value === undefined) return;
  // Identifiers are known by their key, long before all of their digits have been asked about.
  if (isIdentifier(document, string.node, value.text, fields)) return;
  // Where any other value stands is asked last, because most hold nothing.
  const found = scanValue(value.text, policy, () => keyOf(document, string.node));
  if (found.length === 0 || isAtOneOf(document, string.node, fields.ignore)) return;
  const isProtected = isAtOneOf(document, string.node, fields.protect);
  let pointer: string | undefined;
  for (const finding of found) {
    const { start, end } = finding;
    const span = isProtected ? undefined : value.span(start, end);
    addFinding(
      report,
      finding,
      () => {
        pointer ??= fields.pointer(document, string.node, policy.scanner);
        return { in: 'body', pointer, start, end };
      },
      span,
    );
  }
}

function scanKey(document: JsonDocument, key: JsonString, policy: ReadyPolicy, fields: Fields, report: Report): void {
  if (isQuiet(document, key, policy)) return;
  const value = decodedValue(document, key, policy, report);
  if (value === undefined) return;
  for (const finding of scanValue(value.text, policy)) {
    addFinding(
      report,
      finding,
      () => ({ in: 'body', pointer: fields.pointer(document, key.node, policy.scanner, key) }),
      undefined,
    );
  }
}

function scanNumber(
  document: JsonDocument,
  { start, end, node }: JsonNumber,
  policy: ReadyPolicy,
  fields: Fields,
  report: Report,
): void {
  if (end - start < Math.min(FEWEST_DIGITS, policy.scanner.shortestCustom) || isSettled(report)) return;
  const [exact = '', rounded = exact] = integersOf(document.text.slice(start, end));
  if (exact === '') return;
  const key = (): string | undefined => keyOf(document, node);
  const found = [...scanValue(exact, policy, key), ...(rounded === exact ? [] : scanValue(rounded, policy, key))];
  if (found.length === 0 || isExempt(document, node, exact, fields)) return;
  if (isAtOneOf(document, node, fields.exceptNumbers)) return;
  for (const finding of found) {
    addFinding(
      report,
      finding,
      () => ({ in: 'body', pointer: fields.pointer(document, node, policy.scanner) }),
      undefined,
    );
  }
}

/** Whether a string needs no copy to be seen to hold nothing, as most keys and many values do. */
function isQuiet({ text }: JsonDocument, { start, end, escaped }: JsonString, { scanner }: ReadyPolicy): boolean {
  return !escaped && !scanner.mayHold(text, start, end);
}

interface Value {
  readonly text: string;
  /** Where a part of the value stands in the body's text. */
  span(start: number, end: number): Span;
}

function decodedValue(
  document: JsonDocument,
  { start, end, escaped }: JsonString,
  { scanner }: ReadyPolicy,
  report: Report,
): Value | undefined {
  if (end - start < Math.min(SHORTEST_VALUE, scanner.shortestCustom) || isSettled(report)) return undefined;
  const raw = document.text.slice(start, end);
  if (!escaped) return { text: raw, span: (from, to) => ({ start: start + from, end: start + to }) };
  const { text, rawOffset }: Decoded = decodeJsonEscapes(raw);
  return { text, span: (from, to) => ({ start: start + rawOffset(from), end: start + rawOffset(to) }) };
}

/** Longest key that may say something about its value. */
const LONGEST_KEY = 256;

/** The key nearest above a node: that of the array, for its elements. */
function keyOf(document: JsonDocument, node: number): string | undefined {
  const key = document.path(node).findLast((step) => typeof step !== 'number');
  if (key === undefined || key.end - key.start > LONGEST_KEY) return undefined;
  return literalText(document.text, key);
}

/** What a scan finds and the policy does not allow. */
export function scanValue(
  text: string,
  { scanner, allows }: ReadyPolicy,
  key?: () => string | undefined,
): readonly ScanFinding[] {
  const found = scanner.scan(text, key && { key });
  return found.length === 0 ? found : found.filter(({ start, end }) => !allows(text.slice(start, end)));
}

/** Hexadecimal or standard base64: what identifiers, hashes and signatures are written in. */
const IDENTIFIER = /^[A-Za-z0-9+/]*={0,2}$/;

function isIdentifier(document: JsonDocument, node: number, text: string, { identifiers }: Fields): boolean {
  return isAtOneOf(document, node, identifiers) && IDENTIFIER.test(text);
}

function isExempt(document: JsonDocument, node: number, text: string, fields: Fields): boolean {
  return isAtOneOf(document, node, fields.ignore) || isIdentifier(document, node, text, fields);
}
