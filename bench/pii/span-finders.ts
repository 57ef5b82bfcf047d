import { loadPeer } from '../peer.ts';
import type { Span } from './score.ts';

export interface SpanFinder {
  readonly name: string;
  /** The package's names for each of our types; a type that is not here is one that it does not look for. */
  readonly types: Readonly<Record<string, readonly string[]>>;
  /** What looks for one of our types, or for all that the package knows. */
  finder(type: string): (text: string) => Promise<readonly Span[]>;
}

const ARCJET: SpanFinder['types'] = {
  email: ['email'],
  phone: ['phone-number'],
  credit_card: ['credit-card-number'],
  ip_address: ['ip-address'],
};

const OPENREDACTION: SpanFinder['types'] = {
  email: ['EMAIL'],
  phone: ['PHONE_US', 'PHONE_UK', 'PHONE_UK_MOBILE', 'PHONE_INTERNATIONAL'],
  ssn: ['SSN'],
  credit_card: ['CREDIT_CARD'],
  ip_address: ['IPV4', 'IPV6'],
  iban: ['IBAN'],
  secret: [
    ...['AWS_ACCESS_KEY', 'AWS_SECRET_KEY', 'GOOGLE_API_KEY', 'STRIPE_API_KEY', 'GITHUB_TOKEN', 'JWT_TOKEN'],
    ...['GENERIC_API_KEY', 'GENERIC_SECRET', 'PRIVATE_KEY', 'SSH_PRIVATE_KEY', 'DATABASE_CONNECTION', 'SLACK_TOKEN'],
    ...['SLACK_WEBHOOK', 'TWILIO_API_KEY', 'MAILGUN_API_KEY', 'SENDGRID_API_KEY', 'BEARER_TOKEN', 'OPENAI_API_KEY'],
    ...['AZURE_STORAGE_KEY', 'NPM_TOKEN', 'PYPI_TOKEN', 'HEROKU_API_KEY', 'FIREBASE_API_KEY', 'OAUTH_CLIENT_SECRET'],
    ...['OAUTH_TOKEN', 'URL_WITH_AUTH', 'GCP_SERVICE_ACCOUNT', 'DOCKER_AUTH'],
  ],
};

const REDACT_PII: SpanFinder['types'] = {
  email: ['emailAddress'],
  phone: ['phoneNumber'],
  ssn: ['usSocialSecurityNumber'],
  credit_card: ['creditCardNumber'],
  ip_address: ['ipAddress'],
};
const REDACT_PII_OTHERS = ['credentials', 'digits', 'names', 'password', 'streetAddress', 'url', 'username', 'zipcode'];

/** Marks put around what a package replaces, so that its place can be read from the output. */
const OPEN = '\ue000';
const CLOSE = '\ue001';

/** Places of what stands between marks, in the text without marks. */
function markedSpans(marked: string): Span[] {
  const spans: Span[] = [];
  let at = 0;
  let start = 0;
  for (const char of marked) {
    if (char === OPEN) start = at;
    else if (char === CLOSE) spans.push({ start, end: at });
    else at += char.length;
  }
  return spans;
}

interface ArcjetRedact {
  redact(text: string, options: object): Promise<[string, unknown]>;
}

async function arcjet(): Promise<SpanFinder> {
  const { redact } = await loadPeer<ArcjetRedact>('@arcjet/redact');
  const replace = (_: string, value: string): string => OPEN + value + CLOSE;
  return {
    name: '@arcjet/redact',
    types: ARCJET,
    finder(type) {
      const options = { entities: ARCJET[type], replace };
      return async (text) => markedSpans((await redact(text, options))[0]);
    },
  };
}

interface OpenRedactionModule {
  OpenRedaction: new (
    options: object,
  ) => {
    detect(text: string): Promise<{ detections: readonly { position: [number, number] }[] }>;
  };
}

/** `rename`: it leaves out the domains of RFC 2606, which most cases use; with another name of the same length it sees them. */
async function openRedaction(
  name: string,
  types: SpanFinder['types'],
  rename: (text: string) => string,
): Promise<SpanFinder> {
  const { OpenRedaction } = await loadPeer<OpenRedactionModule>('openredaction');
  return {
    name,
    types,
    finder(type) {
      const detector = new OpenRedaction({ patterns: types[type] });
      return async (text) => {
        const { detections } = await detector.detect(rename(text));
        const spans = detections.map(({ position: [start, end] }) => ({ start, end }));
        return spans.sort((a, b) => a.start - b.start);
      };
    },
  };
}

interface RedactPiiModule {
  SyncRedactor: new (options: object) => { redact(text: string): string };
}

async function redactPii(): Promise<SpanFinder> {
  const { SyncRedactor } = await loadPeer<RedactPiiModule>('redact-pii');
  const all = [...Object.values(REDACT_PII).flat(), ...REDACT_PII_OTHERS];
  return {
    name: 'redact-pii',
    types: REDACT_PII,
    finder(type) {
      const builtInRedactors = Object.fromEntries(
        all.map((name) => [name, { enabled: REDACT_PII[type]?.includes(name) }]),
      );
      const redactor = new SyncRedactor({ builtInRedactors, globalReplaceWith: `${OPEN}$&${CLOSE}` });
      return async (text) => markedSpans(redactor.redact(text));
    },
  };
}

/** The packages that are installed, and why the others are not there. */
export async function peerFinders(): Promise<{ finders: SpanFinder[]; missing: string[] }> {
  const finders: SpanFinder[] = [];
  const missing: string[] = [];
  const makers: readonly (() => Promise<SpanFinder>)[] = [
    arcjet,
    () => openRedaction('openredaction', OPENREDACTION, (text) => text),
    () =>
      openRedaction('openredaction, example domains renamed', { email: ['EMAIL'] }, (text) =>
        text.replaceAll('example', 'kontoro'),
      ),
    redactPii,
  ];
  for (const make of makers) {
    try {
      finders.push(await make());
    } catch (error) {
      missing.push(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
    }
  }
  return { finders, missing };
}
