import { addressKey, INVALID_ADDRESS_KEY } from '../../src/address.ts';
import { checkLimits } from '../../src/guards/rate-limit/limits.ts';
import { memoryRateStore } from '../../src/guards/rate-limit/memory-store.ts';
import type { RateResult } from '../../src/guards/rate-limit/store.ts';
import { FAILED_AUTHENTICATION_BURST, FAILED_AUTHENTICATION_RATE } from '../../src/pcs/preset.ts';
import type { AdminCall } from './call.ts';
import type { Refusal } from './refusal.ts';
import { type AdminToken, findToken, type Scope } from './tokens.ts';

/** Whose call it is, or why nobody's. */
export type Authenticated = { readonly token: AdminToken } | { readonly refusal: Refusal };

/** RFC 6750 section 2.1; the scheme in any letter case (RFC 9110 section 11.1). */
const BEARER = /^bearer +(\S+) *$/i;
const REALM = 'Bearer realm="tenants"';

/**
 * Makes a check of bearer tokens. An address whose calls fail is not listened to any more for a while, whatever it sends:
 * as many failures as the submissions of agents have, counted apart from those.
 */
export function createAuthenticator(tokens: readonly AdminToken[]): (call: AdminCall, now: number) => Authenticated {
  const failures = memoryRateStore();
  const limits = checkLimits('admin', { rate: FAILED_AUTHENTICATION_RATE, burst: FAILED_AUTHENTICATION_BURST });
  // In one turn of the event loop: nobody comes between the look and the charge.
  return (call, now) => {
    const source = addressKey(call.address) ?? INVALID_ADDRESS_KEY;
    const { ok, waitMs } = failures.peek(source, 1, limits, now) as RateResult;
    if (!ok) return { refusal: { code: 'PTC_D603', retryAfterMs: waitMs } };
    const text = BEARER.exec(call.header('authorization') ?? '')?.[1];
    const token = text === undefined ? undefined : findToken(tokens, text, now);
    if (token !== undefined) return { token };
    failures.charge(source, 1, limits, now);
    // RFC 6750 section 3.1: no error code where no token was sent.
    const challenge = text === undefined ? REALM : `${REALM}, error="invalid_token"`;
    return { refusal: { code: 'PTC_D307', headers: { 'www-authenticate': challenge } } };
  };
}

/** Whether a token may do that; RFC 6750 section 3.1. */
export function missingScope({ scopes }: AdminToken, scope: Scope): Refusal | undefined {
  if (scopes.includes(scope)) return undefined;
  const challenge = `${REALM}, error="insufficient_scope", scope="${scope}"`;
  return {
    code: 'PTC_D308',
    detail: `This needs a token with the scope ${scope}.`,
    headers: { 'www-authenticate': challenge },
  };
}
