/** Leading bytes of an IPv6 address that make one key: a /56 is what one customer commonly gets. */
export const IPV6_KEY_BYTES = 7;
/** The one key of everything that is not an address, so that nonsense does not make keys at will. */
export const INVALID_ADDRESS_KEY = 'invalid';
/** Longest text that is looked at, in UTF-16 units: a bracketed IPv6 address with a zone and a port fits. */
export const MAX_ADDRESS_LENGTH = 128;

const IPV4 = /^(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])(?:\.(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])){3}$/;
const IPV4_WITH_PORT = /^([\d.]+):\d{1,5}$/;
const BRACKETED = /^\[([^\]]*)\](?::\d{1,5})?$/;
const GROUP = /^[0-9A-Fa-f]{1,4}$/;

/**
 * A key for limits per source address: an IPv4 address as it is, an IPv6 address cut to its /56 prefix, because one
 * client can use every address in it. IPv4-mapped IPv6 counts as the IPv4 address; zone, brackets and port are dropped.
 * What is no address at all gives {@link INVALID_ADDRESS_KEY}; no address (`undefined` or empty) gives `undefined`.
 * Bounded work, never throws.
 *
 * @example
 * addressKey('192.0.2.7'); // '192.0.2.7'
 * addressKey('::ffff:192.0.2.7'); // '192.0.2.7'
 * addressKey('2001:db8:1:22ff::1'); // '2001:db8:1:2200::/56'
 */
export function addressKey(address: string | undefined): string | undefined {
  if (address === undefined || address === '') return undefined;
  if (typeof address !== 'string' || address.length > MAX_ADDRESS_LENGTH) return INVALID_ADDRESS_KEY;
  if (isIpv4(address)) return address;
  const text = BRACKETED.exec(address)?.[1] ?? IPV4_WITH_PORT.exec(address)?.[1] ?? address;
  if (isIpv4(text)) return text;
  const groups = ipv6Groups(text);
  if (groups === undefined) return INVALID_ADDRESS_KEY;
  if (isMapped(groups)) {
    const [high, low] = [groups[6]!, groups[7]!];
    return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  }
  const prefix = groups.map((group, at) => group & groupMask(at)).slice(0, Math.ceil(IPV6_KEY_BYTES / 2));
  return `${prefix.map((group) => group.toString(16)).join(':')}::/${IPV6_KEY_BYTES * 8}`;
}

/** The eight groups of an address, an IPv4 address in its mapped form; `undefined` for what is none. */
export function addressGroups(address: string): readonly number[] | undefined {
  if (address.length > MAX_ADDRESS_LENGTH) return undefined;
  const text = BRACKETED.exec(address)?.[1] ?? IPV4_WITH_PORT.exec(address)?.[1] ?? address;
  return ipv6Groups(isIpv4(text) ? `::ffff:${text}` : text);
}

function isIpv4(text: string): boolean {
  return IPV4.test(text);
}

/** The eight groups of an IPv6 address (RFC 4291 section 2.2), or `undefined`. */
function ipv6Groups(address: string): number[] | undefined {
  const zone = address.indexOf('%');
  const text = zone < 0 ? address : address.slice(0, zone);
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0]!, halves.length === 1);
  if (halves.length === 1) return head?.length === 8 ? head : undefined;
  const tail = groupsOf(halves[1]!, true);
  if (head === undefined || tail === undefined || head.length + tail.length > 7) return undefined;
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** Groups between colons; the last may be an IPv4 address where it ends the whole. */
function groupsOf(text: string, endsAddress: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [at, part] of parts.entries()) {
    if (GROUP.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else if (endsAddress && at === parts.length - 1 && isIpv4(part)) {
      const [a, b, c, d] = part.split('.').map(Number);
      groups.push((a! << 8) | b!, (c! << 8) | d!);
    } else {
      return undefined;
    }
  }
  return groups;
}

function isMapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
}

function groupMask(at: number): number {
  const bytes = Math.min(2, Math.max(0, IPV6_KEY_BYTES - 2 * at));
  return bytes === 2 ? 0xffff : bytes === 1 ? 0xff00 : 0;
}
