import { codeAt } from '../chars.ts';
/** Keys of several parts. */
export interface PartedForm {
  /** What they begin with; at least two characters. */
  readonly prefix: string;
  /** Sticky; every repetition is bounded, and no part can be read as another. It says nothing of what follows. */
  readonly pattern: RegExp;
  readonly confidence: number;
}

/** Compared as those of fixed characters are. */
export const PARTED_FORMS: readonly PartedForm[] = [
  ...['glpat-', 'glrt-', 'gldt-'].map(routable),
  // The id of the app, then a JWT (github.blog, changelog of 2026-05-15).
  {
    prefix: 'ghs_',
    pattern: /ghs_[0-9A-Za-z]{1,30}_eyJ[\w-]{10,500}\.[\w-]{10,2000}\.[\w-]{20,700}/y,
    confidence: 0.95,
  },
  { prefix: 'SG.', pattern: /SG\.[\w-]{16,32}\.[\w-]{16,64}/y, confidence: 0.95 },
  { prefix: 'dp.st.', pattern: /dp\.st\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}/y, confidence: 0.95 },
  { prefix: 'pat', pattern: /pat[A-Za-z0-9]{14}\.[0-9a-f]{64}/y, confidence: 0.95 },
  { prefix: 'dt0', pattern: /dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}/y, confidence: 0.95 },
  { prefix: 'v1.0-', pattern: /v1\.0-[0-9a-f]{24}-[0-9a-f]{146}/y, confidence: 0.95 },
  { prefix: 'sk.eyJ', pattern: /sk\.eyJ[\w-]{40,200}\.[\w-]{20,24}/y, confidence: 0.95 },
  { prefix: '00D', pattern: /00D[A-Za-z0-9]{12,15}![\w.]{60,200}/y, confidence: 0.9 },
  { prefix: 're_', pattern: /re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}/y, confidence: 0.9 },
  // The payload is JSON, its padding is kept (getsentry/sentry, orgauthtoken_token.py).
  { prefix: 'sntrys_', pattern: /sntrys_eyJ[A-Za-z0-9+/]{40,500}={0,2}_[A-Za-z0-9+/]{43}/y, confidence: 0.95 },
  { prefix: 'sk_', pattern: /sk_[0-9a-f]{48}(?:_residency_[a-z]{2,12})?/y, confidence: 0.95 },
  // Organisations and JWTs stand between dots (buildkite/agent, redact.go).
  {
    prefix: 'bk',
    pattern: /bk(?:aa|aj|ar|at|cqt|ct|jat|pat|ps|pt|rt|tr|tx|ua|ur)_[\w.-]{37,2047}[\w-]/y,
    confidence: 0.95,
  },
  { prefix: 'hc', pattern: /hc[a-z]i[ck]_[0-9a-z]{58}/y, confidence: 0.95 },
  { prefix: 'ory_', pattern: /ory_(?:at|rt|ac)_[\w-]{30,60}\.[\w-]{30,60}/y, confidence: 0.95 },
  { prefix: 'mercury_p', pattern: /mercury_production_[a-z]{2,4}_[A-Za-z0-9]{40,50}_yrucrem/y, confidence: 0.95 },
  { prefix: 'mercury_s', pattern: /mercury_sandbox_[a-z]{2,4}_[A-Za-z0-9]{40,50}_yrucrem/y, confidence: 0.3 },
  { prefix: 'pdl_l', pattern: /pdl_live_apikey_[0-9a-z]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}/y, confidence: 0.95 },
  { prefix: 'pdl_s', pattern: /pdl_sdbx_apikey_[0-9a-z]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}/y, confidence: 0.3 },
  { prefix: 'tr_', pattern: /tr_(?:dev|stg|prod|preview)_(?:sk_)?[A-Za-z0-9]{20,24}/y, confidence: 0.9 },
  { prefix: 'tr_pat_', pattern: /tr_pat_[A-Za-z0-9]{40}/y, confidence: 0.95 },
  ...['pat.', 'sat.'].map(ofHarness),
  { prefix: '0.', pattern: /0\.[0-9a-f-]{36}\.[A-Za-z0-9]{30}:[A-Za-z0-9+/]{22}==/y, confidence: 0.95 },
  {
    prefix: 'A3-',
    pattern: /A3-[A-Z0-9]{6}-(?:[A-Z0-9]{6}-[A-Z0-9]{5}|[A-Z0-9]{11})(?:-[A-Z0-9]{5}){3}/y,
    confidence: 0.95,
  },
  { prefix: 'AstraCS:', pattern: /AstraCS:[A-Za-z0-9]{24}:[0-9a-f]{64}/y, confidence: 0.95 },
  { prefix: 't1.', pattern: /t1\.[\w-]{20,400}={0,2}\.[\w-]{86}={0,2}/y, confidence: 0.95 },
  { prefix: 'ATATT3', pattern: /ATATT3[\w-]{100,250}(?:=[0-9A-F]{8})?/y, confidence: 0.95 },
];

/** Of GitLab: one or two parts more say where the token is routed (Authn::TokenField::Generator::RoutableToken). */
function routable(prefix: string): PartedForm {
  const pattern = new RegExp(`${prefix}[\\w-]{20,300}(?:\\.(?:[0-9a-z]{2}\\.)?[0-9a-z]{9}\\b)?`, 'y');
  return { prefix, pattern, confidence: 0.95 };
}

function ofHarness(prefix: string): PartedForm {
  return { prefix, pattern: /[ps]at\.[\w-]{22}\.[0-9A-Za-z]{24}\.[0-9A-Za-z]{20}/y, confidence: 0.95 };
}

/** Length of the keys of Azure DevOps and of Azure's newer services. */
const AZURE = 84;
const NEW_RELIC = 40;
const MD5 = 32;
/** `MTk4…`: the id of a Discord bot in base64. */
const SHORTEST_BOT = 22;
const LONGEST_BOT = 28;
/** Of Terraform Cloud, before its mark. */
export const SHORTEST_UNMARKED = 14;

/** The end of a key that a word between `start` and `end` begins, and that no fixed characters mark at its begin; or -1. */
export function unmarkedEnd(text: string, start: number, end: number): number {
  const length = end - start;
  if (length < SHORTEST_UNMARKED || length > AZURE) return -1;
  if (length === AZURE) return endOf(AZURE_KEY, text, start);
  if (length === NEW_RELIC) return endOf(NEW_RELIC_LICENCE, text, start);
  const next = codeAt(text, end);
  if (next !== DOT && next !== HYPHEN) return -1;
  if (length === MD5) return endOf(MAILCHIMP, text, start);
  if (length === SHORTEST_UNMARKED) return endOf(TERRAFORM_CLOUD, text, start);
  return length >= SHORTEST_BOT && length <= LONGEST_BOT && isBotId(text.slice(start, end))
    ? endOf(DISCORD_BOT, text, start)
    : -1;
}

const DOT = 0x2e;
const HYPHEN = 0x2d;

/** A mark, then a check value: the older of Azure DevOps, and the one of all keys since (microsoft/security-utilities). */
const AZURE_KEY = /[A-Za-z0-9]{52}(?:JQQJ99[A-Za-z0-9]{26}|[A-Za-z0-9]{24}AZDO[A-Za-z0-9]{4})/y;
const NEW_RELIC_LICENCE = /(?:[0-9a-f]{6}|[a-z]{2}[0-9]{2}xx)[0-9a-f]{26}(?:FFFF|[0-9a-f]{4})NRAL/y;
const MAILCHIMP = /[0-9a-f]{32}-us[0-9]{1,2}/y;
const TERRAFORM_CLOUD = /[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}/y;
const DISCORD_BOT = /[MNO][A-Za-z0-9]{21,27}\.[\w-]{6}\.[\w-]{27,38}/y;

function isBotId(part: string): boolean {
  return /^[MNO][A-Za-z0-9]+$/.test(part) && part.length % 4 !== 1 && /^[0-9]{16,20}$/.test(atob(part));
}

/** The end of what a sticky pattern finds at `at`, or -1. */
export function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}
