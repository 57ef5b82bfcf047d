import { BUDGETS } from '../../budget.ts';
import { ConfigError } from '../../errors.ts';
import type { Exchange } from '../../exchange.ts';
import { defineGuard, type Guard, PASS, type Verdict } from '../../guard.ts';
import { HEADER_NAME } from '../../http-token.ts';
import { knownOptions } from '../../options.ts';
import { readBody } from './body.ts';
import { decodePercent } from './decode.ts';
import { fullKit } from './full-kit.ts';
import { type Fields, scanJson } from './json-body.ts';
import type { Kit } from './kit.ts';
import { pointersOption, safePointers } from './pointers.ts';
import { type PiiPolicy, type PiiPolicyOf, POLICY_OPTIONS, policyBook, type ReadyPolicy } from './policy.ts';
import { newReport, type Report } from './report.ts';
import { scanHead, scanReadings, scanWhole } from './text-body.ts';

export type { PiiMode, PiiPolicy } from './policy.ts';

/** Name of the guard, of its stage and of its label in metrics. */
export const PII_GUARD = 'pii';

export interface PiiOptions extends PiiPolicy {
  /**
   * A tenant's policy, over `mode`, `types`, `allow`, `threshold`, `patterns` and `engine`; `undefined` for these alone. Asked for each exchange: return the
   * same object for the same policy, so that it is checked once.
   */
  readonly policy?: PiiPolicyOf;
  /** JSON pointers of values that may hold anything. Each exempts exactly one place, nothing below it. Default none. */
  readonly ignore?: readonly string[];
  /** Pointers of values that are exempt as long as they are hexadecimal or standard base64. Default none. */
  readonly identifiers?: readonly string[];
  /** Pointers of values that must not be rewritten, since they are signed: they block in `redact` too. Default none. */
  readonly protect?: readonly string[];
  /** Names of headers to scan. They cannot be rewritten: they block in `redact` too. Default none. */
  readonly headers?: readonly string[];
  /** Scan the query, which blocks in `redact` too. Default false. */
  readonly query?: boolean;
  /** Scan the keys of objects, which block in `redact` too. Default false. */
  readonly keys?: boolean;
  /** Scan numbers, which block in `redact` too; all of them, or all but those at some pointers. Default false. */
  readonly numbers?: boolean | { readonly except: readonly string[] };
  /** Refuse, in `block` and `redact`, a body that claims any charset but UTF-8 or is not UTF-8. Default false. */
  readonly utf8Only?: boolean;
}

const OPTIONS = [
  ...POLICY_OPTIONS,
  'policy',
  'ignore',
  'identifiers',
  'protect',
  'headers',
  'query',
  'keys',
  'numbers',
  'utf8Only',
] as const satisfies readonly (keyof PiiOptions)[];

/**
 * Looks for personal data in the body, in chosen headers and in the query. `detect` flags it; `block` denies with
 * `PTC_D201` (400); `redact` replaces it in the body's text and leaves every other byte, or denies where that cannot be
 * done. JSON is scanned value by value with escapes decoded, anything else as one text. Linear in the exchange; keeps
 * nothing between exchanges.
 *
 * @throws {ConfigError} if an option is unknown, of the wrong type or out of range.
 *
 * @example
 * const gate = createGate({ guards: [pii({ mode: 'redact', ignore: ['/order_id'] })], stages: { pii: 'enforce' } });
 */
export function pii(options: PiiOptions = {}): Guard {
  return makePii(fullKit(), options);
}

/** {@link pii} with what is in a kit. */
export function makePii(kit: Kit, options: PiiOptions): Guard {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError('PTC_E002', 'pii', options, 'give an object');
  }
  knownOptions('pii', options, OPTIONS);
  const policyFor = policyBook(kit, options, options.policy);
  const fields: Fields = {
    ignore: pointersOption('pii.ignore', options.ignore),
    identifiers: pointersOption('pii.identifiers', options.identifiers),
    protect: pointersOption('pii.protect', options.protect),
    keys: switchOption('pii.keys', options.keys),
    ...numbersOption(options.numbers),
    pointer: safePointers(kit),
  };
  const headers = headersOption(options.headers);
  const query = switchOption('pii.query', options.query);
  const utf8Only = switchOption('pii.utf8Only', options.utf8Only);

  function scanExchange(exchange: Exchange, policy: ReadyPolicy, report: Report): Outcome {
    if (query && exchange.query !== '') {
      scanHead(readQuery(exchange.query), policy, report, ({ start, end }) => ({ in: 'query', start, end }));
    }
    for (const name of headers) {
      const value = exchange.header(name);
      if (value) scanHead([value], policy, report, ({ start, end }) => ({ in: 'header', name, start, end }));
    }
    const body = readBody(exchange);
    if (body.kind === 'json') scanJson(body.document, policy, fields, report);
    else {
      const encoding = { percent: body.percent, numbers: fields.numbers };
      if (body.kind === 'text') {
        // Where in it a protected value stands, nobody can tell.
        const isFixed = fields.protect.length > 0 && (body.claimsJson || body.looksJson);
        scanWhole(
          body.text,
          encoding,
          policy,
          report,
          isFixed ? 'nowhere' : body.claimsJson && body.looksJson ? 'in strings' : 'anywhere',
        );
      } else scanReadings(body.readings, encoding, policy, report);
    }
    if (body.charset === 'utf-8' || (body.charset === 'other' && !utf8Only)) return 'read';
    return body.isClaimed ? 'PTC_D104' : 'PTC_D106';
  }

  return defineGuard({
    name: PII_GUARD,
    reads: 'body',
    budget: BUDGETS.pii,
    inspect(exchange, context) {
      const policy = policyFor(context.tenant, context);
      const report = newReport(policy.mode);
      const outcome = scanExchange(exchange, policy, report);
      return verdictOf(report, outcome);
    },
  });
}

/** A query as forms write it, and with its plus signs, which some servers leave; all characters at the same places. */
function readQuery(query: string): readonly string[] {
  const form = decodePercent(query).text;
  return query.includes('+') ? [form, decodePercent(query, false).text] : [form];
}

/** Whether the body could be read, or what refuses it: its content type, or its bytes. */
type Outcome = 'read' | 'PTC_D104' | 'PTC_D106';

function verdictOf({ mode, findings, patches, isLocked }: Report, outcome: Outcome): Verdict {
  if (mode === 'detect') return findings.length === 0 ? PASS : { kind: 'flag', findings };
  // What this guard cannot read, another parser may.
  if (findings.length === 0) return outcome === 'read' ? PASS : { kind: 'deny', code: outcome };
  if (mode === 'block' || isLocked || outcome !== 'read') return { kind: 'deny', code: 'PTC_D201', findings };
  return { kind: 'redact', patches, findings };
}

function switchOption(option: string, value: boolean | undefined): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw new ConfigError('PTC_E002', option, value, 'use true or false');
}

function numbersOption(value: PiiOptions['numbers']): Pick<Fields, 'numbers' | 'exceptNumbers'> {
  if (typeof value !== 'object' || value === null) {
    return { numbers: switchOption('pii.numbers', value), exceptNumbers: [] };
  }
  knownOptions('pii.numbers', value, ['except']);
  return { numbers: true, exceptNumbers: pointersOption('pii.numbers.except', value.except) };
}

function headersOption(names: readonly string[] | undefined): readonly string[] {
  if (names === undefined) return [];
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string' && HEADER_NAME.test(name))) {
    throw new ConfigError('PTC_E002', 'pii.headers', names, 'give an array of header names');
  }
  return names.map((name) => name.toLowerCase());
}
