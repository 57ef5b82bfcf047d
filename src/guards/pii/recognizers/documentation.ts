/**
 * What documents, tests and films use instead of real values. Such a value is reported, because its form is right and
 * nobody can be sure, but with little confidence.
 */
export const DOCUMENTATION_CONFIDENCE = 0.2;

/** RFC 2606 and RFC 6761: the domains `example.com` and so on, with what is below, and three top-level domains. */
const RESERVED_DOMAIN = /(?:^|\.)(?:example\.(?:com|net|org|edu)|example|test|invalid)$/i;

export function isReservedDomain(domain: string): boolean {
  return RESERVED_DOMAIN.test(domain);
}

/** North American numbers 555-0100 to 555-0199 in any area, set aside for fiction (ATIS-0300115). */
const FICTION = /^1?[2-9]\d\d55501\d\d$/;

/** @param number a telephone number without its extension, as written */
export function isFictionNumber(number: string): boolean {
  const digits = number.replace(/\D/g, '');
  if (number.includes('+') && digits.charAt(0) !== '1') return false;
  return FICTION.test(digits);
}

/** RFC 5737; loopback and unspecified of RFC 6890. */
const IPV4 = /^(?:192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|127\.|0\.0\.0\.0$)/;
/** RFC 3849, RFC 9637; loopback and unspecified of RFC 4291. */
const IPV6 = /^(?:2001:0?db8:|3fff:(?:0[0-9a-f]{3}|[0-9a-f]{0,3}):|::1?$|(?:0{1,4}:){7}0{0,3}[01]$)/i;

/** @param address an IP address without zone and prefix length */
export function isDocumentationAddress(address: string): boolean {
  if (!address.includes(':')) return IPV4.test(address);
  return IPV6.test(address) || IPV4.test(address.slice(address.lastIndexOf(':') + 1));
}

/** Printed on cards that were sold with wallets, and in a leaflet; withdrawn (SSA, history of the number). */
export function isWithdrawnSsn(digits: string): boolean {
  return digits === '078051120' || digits === '219099999';
}
