import { isIP } from 'node:net';
import { badVariable, type Env, readText } from './env.ts';

/** How many proxies stand in front, or their addresses; `undefined` if there is none to be trusted. */
export type TrustProxy = number | readonly string[] | undefined;

/** Most proxies that a request may be said to have passed. */
export const MAX_PROXY_HOPS = 10;

const REMEDY = `give the number of proxies from 1 to ${MAX_PROXY_HOPS}, or their addresses and CIDRs with commas between, or loopback`;

/**
 * Reads `TRUST_PROXY`: whose `X-Forwarded-For` is believed. Nobody's by default: without a proxy that sets it, the
 * header is the client's own word.
 *
 * @throws {ConfigError} PTC_E011.
 */
export function readTrustProxy(env: Env): TrustProxy {
  const text = readText(env, 'TRUST_PROXY');
  if (text === undefined) return undefined;
  if (/^\d{1,2}$/.test(text)) {
    const hops = Number(text);
    if (hops < 1 || hops > MAX_PROXY_HOPS) throw badVariable(env, 'TRUST_PROXY', REMEDY);
    return hops;
  }
  const entries = text.split(',').map((entry) => entry.trim());
  if (!entries.every((entry) => entry === 'loopback' || isRange(entry))) throw badVariable(env, 'TRUST_PROXY', REMEDY);
  return entries;
}

/** An address or a CIDR; not `/0`, which would be everybody. */
function isRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = address.includes('%') ? 0 : isIP(address);
  if (version === 0 || more.length > 0) return false;
  if (bits === undefined) return true;
  return /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
}
