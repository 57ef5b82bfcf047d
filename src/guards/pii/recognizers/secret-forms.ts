import { codeAt } from '../chars.ts';
/** Keys of several parts. */
export interface PartedForm {
  /** What they begin with; at least two characters. */
  readonly prefix: string;
  /** Sticky; every repetition is bounded, and no part can be read as another. It says nothing of what follows. */
  readonly pattern: RegExp;
  readonly confidence: number;
}

/** As the providers are known to write them; not every one was checked against its provider's documentation. */
export const PARTED_FORMS: readonly PartedForm[] = [
  ...['glpat-', 'glrt-', 'gldt-'].map(routable),
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
  { prefix: 'ATATT3', pattern: /ATATT3[\w-]{100,250}(?:=[0-9A-F]{8})?/y, confidence: 0.95 },
];

/** Of GitLab: one or two parts more say where the token is routed (Authn::TokenField::Generator::RoutableToken). */
function routable(prefix: string): PartedForm {
  const pattern = new RegExp(`${prefix}[\\w-]{20,300}(?:\\.(?:[0-9a-z]{2}\\.)?[0-9a-z]{9}\\b)?`, 'y');
  return { prefix, pattern, confidence: 0.95 };
}

/** Length of the key of Azure DevOps: a mark, then a check value of four. */
const AZURE_DEVOPS = 84;
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
  if (length < SHORTEST_UNMARKED || length > AZURE_DEVOPS) return -1;
  if (length === AZURE_DEVOPS) return endOf(AZURE_DEVOPS_KEY, text, start);
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

const AZURE_DEVOPS_KEY = /[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}/y;
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
