import { addressGroups } from './address.ts';
import { ConfigError } from './errors.ts';
import { knownOptions, numberOption } from './options.ts';

/**
 * Whom to believe about a client's address. One of the three; without any, the address is that of the connection, because
 * without a proxy that sets it every header is the client's own word.
 */
export interface ProxyTrust {
  /** How many proxies stand in front, each of which appends to `X-Forwarded-For`. 1 to 10. */
  readonly hops?: number;
  /** Addresses and CIDRs of the proxies that append to `X-Forwarded-For`; IPv4 `/8` or longer, IPv6 `/16` or longer. */
  readonly proxies?: readonly string[];
  /** A header that the platform sets, whatever the client has sent: `cf-connecting-ip`, `fly-client-ip`. */
  readonly header?: string;
}

/** The client's address, from that of the connection and the request's headers. Never throws. */
export type AddressOf = (peer: string | undefined, header: (name: string) => string | undefined) => string | undefined;

/** Most proxies that a request may be said to have passed. */
const MAX_HOPS = 10;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
/** Addresses of `X-Forwarded-For` that are looked at, from its end. */
const MAX_FORWARDED = 64;

/**
 * Makes what tells a client's address.
 *
 * @throws {ConfigError} naming the option that cannot work.
 *
 * @example
 * const addressOf = clientAddress('trust', { proxies: ['10.0.0.0/8'] });
 * addressOf('10.1.2.3', () => '203.0.113.9, 10.7.7.7'); // '203.0.113.9'
 */
export function clientAddress(option: string, trust: ProxyTrust | undefined): AddressOf {
  if (trust === undefined) return (peer) => peer;
  knownOptions(option, trust, ['hops', 'proxies', 'header']);
  const given = Object.values(trust).filter((value) => value !== undefined);
  if (given.length !== 1) {
    throw new ConfigError('PTC_E003', option, trust, 'give one of hops, proxies and header');
  }
  const { hops, proxies, header } = trust;
  if (header !== undefined) {
    if (typeof header !== 'string' || !HEADER_NAME.test(header)) {
      throw new ConfigError('PTC_E003', `${option}.header`, header, 'give the name of a header');
    }
    const name = header.toLowerCase();
    return (peer, headerOf) => headerOf(name)?.trim() || peer;
  }
  if (proxies !== undefined) {
    const ranges = rangesOf(`${option}.proxies`, proxies);
    return (peer, headerOf) => farthest(peer, headerOf, (address) => isInAny(address, ranges));
  }
  const most = numberOption(`${option}.hops`, hops, 1, { min: 1, max: MAX_HOPS, integer: true });
  return (peer, headerOf) => farthest(peer, headerOf, (_address, hop) => hop < most);
}

/** Goes back over the proxies that are believed, and returns the first that is not, or the last there is. */
function farthest(
  peer: string | undefined,
  headerOf: (name: string) => string | undefined,
  isProxy: (address: string | undefined, hop: number) => boolean,
): string | undefined {
  if (!isProxy(peer, 0)) return peer;
  const forwarded = (headerOf('x-forwarded-for') ?? '').split(',').slice(-MAX_FORWARDED);
  let address = peer;
  for (let at = forwarded.length - 1, hop = 1; at >= 0; at--, hop++) {
    const entry = forwarded[at]!.trim();
    if (entry === '') continue;
    address = entry;
    if (!isProxy(address, hop)) break;
  }
  return address;
}

interface Range {
  readonly groups: readonly number[];
  readonly bits: number;
}

/** In front of the IPv4 address in an IPv6 one (RFC 4291 section 2.5.5.2). */
const MAPPED_BITS = 96;
const MAPPED = addressGroups('0.0.0.0')!;
/** Shortest prefixes that are taken for somebody's own network. */
const MIN_BITS = { ipv4: 8, ipv6: 16 } as const;

function rangesOf(option: string, proxies: readonly string[]): readonly Range[] {
  const remedy = 'give an array of addresses and CIDRs, IPv4 /8 or longer, IPv6 /16 or longer';
  if (!Array.isArray(proxies)) throw new ConfigError('PTC_E002', option, proxies, remedy);
  const ranges = proxies.map((text) => (typeof text === 'string' ? rangeOf(text) : undefined));
  if (ranges.length === 0 || !ranges.every((range) => range !== undefined)) {
    throw new ConfigError('PTC_E003', option, proxies, remedy);
  }
  return ranges;
}

function rangeOf(text: string): Range | undefined {
  const [address = '', prefix, ...more] = text.split('/');
  const groups = /[[\]%]|^[\d.]*:\d+$/.test(address) ? undefined : addressGroups(address);
  if (groups === undefined || more.length > 0) return undefined;
  const isIpv4 = !address.includes(':');
  const longest = isIpv4 ? 32 : 128;
  const length = prefix === undefined ? longest : /^[1-9]\d{0,2}$/.test(prefix) ? Number(prefix) : 0;
  const bits = length + (isIpv4 ? MAPPED_BITS : 0);
  if (length > longest || length < (isIpv4 ? MIN_BITS.ipv4 : MIN_BITS.ipv6)) return undefined;
  // IPv4 clients are compared in their mapped form, so a range that holds those must be as narrow as one of IPv4.
  const holdsMapped = isIn(MAPPED, { groups, bits: Math.min(bits, MAPPED_BITS) });
  return holdsMapped && bits < MAPPED_BITS + MIN_BITS.ipv4 ? undefined : { groups, bits };
}

function isInAny(address: string | undefined, ranges: readonly Range[]): boolean {
  const groups = address === undefined ? undefined : addressGroups(address);
  return groups !== undefined && ranges.some((range) => isIn(groups, range));
}

function isIn(groups: readonly number[], range: Range): boolean {
  for (let at = 0, left = range.bits; left > 0; at++, left -= 16) {
    const shift = left >= 16 ? 0 : 16 - left;
    if (groups[at]! >> shift !== range.groups[at]! >> shift) return false;
  }
  return true;
}
