import { BlockList, isIP } from 'node:net';
import { badVariable, type Env, readText } from './env.ts';

/** How many proxies stand in front, or their addresses; `undefined` if there is none to be trusted. */
export type TrustProxy = number | readonly string[] | undefined;

/** Most proxies that a request may be said to have passed. */
export const MAX_PROXY_HOPS = 10;

const REMEDY = `give the number of proxies from 1 to ${MAX_PROXY_HOPS}, or their addresses and CIDRs (/8 or longer, IPv6 /16 or longer) with commas between, or loopback`;

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

/** Shortest prefix that is taken for somebody's own network. */
const MIN_PREFIX = { 4: 8, 6: 16 } as const;
/** In front of the IPv4 address in an IPv6 one (RFC 4291 section 2.5.5.2). */
const MAPPED_BITS = 96;
const MAPPED = new BlockList();
MAPPED.addSubnet('::ffff:0:0', MAPPED_BITS, 'ipv6');

/** An address or a CIDR that is not so wide that it would believe anybody. */
function isRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = address.includes('%') ? 0 : isIP(address);
  if (version === 0 || more.length > 0) return false;
  if (bits === undefined) return true;
  const prefix = /^[1-9]\d{0,2}$/.test(bits) ? Number(bits) : 0;
  if (version === 4) return prefix >= MIN_PREFIX[4] && prefix <= 32;
  return prefix >= (holdsMapped(address, prefix) ? MAPPED_BITS + MIN_PREFIX[4] : MIN_PREFIX[6]) && prefix <= 128;
}

/** Whether IPv4 clients fall in an IPv6 range: they are compared with it in their mapped form. */
function holdsMapped(address: string, prefix: number): boolean {
  if (prefix > 128) return false;
  const range = new BlockList();
  range.addSubnet(address, prefix, 'ipv6');
  return MAPPED.check(address, 'ipv6') || range.check('::ffff:0:0', 'ipv6');
}
