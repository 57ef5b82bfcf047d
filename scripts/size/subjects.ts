import { readEntries } from '../api/entries.ts';

/** A program whose bundle is measured. */
export interface Subject {
  readonly name: string;
  /** Imports from the package by its public names. */
  readonly code: string;
  /** Most bytes of the minified bundle, compressed; WebAssembly not counted. */
  readonly most?: number;
}

/** Bytes in a kB of the budget, as those who upload Workers count. */
export const KB = 1_024;

/** What the core may take, compressed. */
export const CORE_BYTES: number = 50 * KB;

/**
 * A Worker that takes PCS records: a rate limit, personal data of four types, and the checks of a signed record that need
 * nothing but the record. It is what the budget of the core is about.
 */
export const CORE: Subject = {
  name: 'core: a Worker for PCS records',
  most: CORE_BYTES,
  code: `
import { addressKey, createGate, createKeyRing, rateLimit } from 'portcullis';
import { PCS_IDENTIFIERS, PCS_PROTECTED, pcsAnswer, pcsFormat, pcsSanity, pcsSignature, recompute } from 'portcullis/pcs';
import { creditCard, email, phone, slimPii, ssn } from 'portcullis/pii-slim';
import { portcullis } from 'portcullis/workers';

export default portcullis({
  gate: (env) => {
    const ring = createKeyRing(JSON.parse(env.KEYS));
    return createGate({
      guards: [
        rateLimit({ key: (exchange) => addressKey(exchange.address), rate: 5 }),
        slimPii([creditCard, ssn, email, phone], { identifiers: PCS_IDENTIFIERS, protect: PCS_PROTECTED }),
        pcsFormat(),
        pcsSignature({ ringOf: () => ring }),
        pcsSanity(),
        recompute(),
      ],
      answer: pcsAnswer,
    });
  },
  fetch: () => new Response('accepted'),
});
`,
};

/** Everything for PCS records: tenants, all types of personal data, patterns, VRF proofs, anomalies, replay, ledger. */
export const WHOLE: Subject = {
  name: 'a Worker with the whole PCS preset',
  most: 110 * KB,
  code: `
import { createGate, createTenants } from 'portcullis';
import { pcsAnswer, pcsGuards, tenantFromHeader } from 'portcullis/pcs';
import { portcullis } from 'portcullis/workers';

export default portcullis({
  gate: (env) => {
    const tenants = createTenants(env.tenants);
    return createGate({ guards: pcsGuards({ tenants }), tenant: tenantFromHeader(tenants), answer: pcsAnswer });
  },
  fetch: () => new Response('accepted'),
});
`,
};

/** The example, which has all of that and stores of its own. */
const EXAMPLE: Subject = {
  name: 'examples/worker',
  code: "export * from './examples/worker/src/worker.ts';\nexport { default } from './examples/worker/src/worker.ts';",
};

/** Names that somebody may want alone. */
const ALONE: readonly Subject[] = [
  { name: 'createGate', code: "export { createGate } from 'portcullis';", most: 10 * KB },
  { name: 'signature', code: "export { createKeyRing, signature } from 'portcullis';", most: 10 * KB },
  { name: 'rateLimit', code: "export { rateLimit } from 'portcullis';", most: 10 * KB },
  {
    name: 'pii of e-mail addresses',
    code: "import { email, slimPii } from 'portcullis/pii-slim';\nexport default slimPii([email]);",
  },
  { name: 'edwards25519Tai', code: "export { edwards25519Tai } from 'portcullis/vrf';" },
];

/** All that is measured: every entry with everything in it, then smaller and larger programs. */
export function subjects(): readonly Subject[] {
  const entries = readEntries().map(({ specifier }) => ({ name: specifier, code: `export * from '${specifier}';` }));
  return [...entries, ...ALONE, CORE, WHOLE, EXAMPLE];
}
