import { lazy } from '../../../lazy.ts';

/**
 * What documents, tests and films use instead of real values. Such a value is reported, because its form is right and
 * nobody can be sure, but with little confidence.
 */
export const DOCUMENTATION_CONFIDENCE = 0.2;

/** RFC 2606 and RFC 6761: the domains `example.com` and so on, with what is below, and four top-level domains. */
const RESERVED_DOMAIN = /(?:^|\.)(?:example\.(?:com|net|org|edu)|example|test|invalid|localhost)$/i;

export function isReservedDomain(domain: string): boolean {
  return RESERVED_DOMAIN.test(domain);
}

/** North American numbers 555-0100 to 555-0199 in any area, set aside for fiction (ATIS-0300115). */
const NORTH_AMERICAN = '[2-9]\\d\\d55501\\d\\d';

/**
 * Numbers that regulators set aside for fiction, by calling code, in the groups that their countries write: other groups
 * of the same digits are ordinary numbers of neighbours.
 */
const FICTION: readonly (readonly [code: string, groups: string])[] = [
  // Ofcom, telephone numbers for drama use: a thousand in each of fifteen cities, and nationwide ones.
  ['44', '(?:11[3-8]|1[2-6]1) 496 ?0\\d{3}|191 498 ?0\\d{3}|20 7946 0\\d{3}|28 9649 6\\d{3}|29 2018 0\\d{3}'],
  ['44', '1632 960 ?\\d{3}|7700 900 ?\\d{3}|8081 570 ?\\d{3}|909 879 ?0\\d{3}|3069 990 ?\\d{3}'],
  // ACMA, phone numbers for use in TV shows, films and creative works.
  ['61', '[2378] (?:5550|7010) \\d{4}|491 57(?:0 (?:006|110|15[6-9]|313|737)|1 (?:266|491|804)|2 (?:549|665|983))'],
  ['61', '491 57(?:3 (?:087|770)|4 (?:118|632)|5 (?:254|789)|6 (?:398|801)|7 (?:426|644)|8 (?:148|888|957))'],
  ['61', '491 579 (?:212|455|760)|1[38]00 975 7(?:0[7-9]|1[01])|1800 160 401|1900 654 321'],
  // Bundesnetzagentur, drama numbers of five cities and two networks.
  ['49', '30 23125 ?\\d{3}|40 66969 ?\\d{3}|69 90009 ?\\d{3}|89 99998 ?\\d{3}|221 4710 ?\\d{3}'],
  ['49', '171 392 ?00 ?\\d\\d|176 040 ?690 ?\\d\\d'],
  // ARCEP, blocks for works of fiction.
  ['33', '(?:1 99 00|2 61 91|3 53 01|4 65 71|5 36 49|6 39 98) \\d\\d \\d\\d'],
  // Post- och telestyrelsen, telephone numbers for books and films.
  ['46', '70 174 ?06 ?(?:0[5-9]|[1-9]\\d)|8 465 ?004 ?\\d\\d|31 390 ?06 ?\\d\\d|40 628 ?04 ?\\d\\d|980 31 ?92 ?\\d\\d'],
];

/** Digits after a `+` or `00`; some write the trunk prefix too: `+44 (0)20 …`. */
const ABROAD = lazy(
  () =>
    new RegExp(
      `^(?:00)?(?:1${NORTH_AMERICAN}|${FICTION.map(([code, groups]) => `${code}0?(?:${groups.replace(/ \??/g, '')})`).join('|')})$`,
    ),
);
/** Groups as written, one blank between; with the trunk prefix, which no Australian number that begins with 1 has. */
const AT_HOME = lazy(
  () =>
    new RegExp(
      `^(?:0(?:${FICTION.map(([, groups]) => groups).join('|')})|1800 160 401|1[38]00 975 7(?:0[7-9]|1[01]))$`,
    ),
);
const NORTH_AMERICAN_AT_HOME = new RegExp(`^1?${NORTH_AMERICAN}$`);

/** @param number a telephone number without its extension, as written */
export function isFictionNumber(number: string): boolean {
  const digits = number.replace(/\D/g, '');
  if (number.includes('+') || digits.startsWith('00')) return ABROAD().test(digits);
  if (NORTH_AMERICAN_AT_HOME.test(digits)) return true;
  // Blanks first: in the pattern, whatever may stand between groups is a hundred times as long to compile.
  const groups = (number.startsWith('(') ? number.slice(1) : number).replaceAll(/\D{1,3}/g, ' ');
  return AT_HOME().test(groups);
}

/** RFC 5737, and RFC 6676 for multicast; loopback and unspecified of RFC 6890. */
const IPV4 = /^(?:192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|233\.252\.0\.|127\.|0\.0\.0\.0$)/;
/** RFC 3849, RFC 9637, and RFC 6676 for multicast; loopback and unspecified of RFC 4291. */
const IPV6 =
  /^(?:2001:0?db8:|ff[03][0-9a-f]::0?db8:|3fff:(?:0[0-9a-f]{3}|[0-9a-f]{0,3}):|::1?$|(?:0{1,4}:){7}0{0,3}[01]$)/i;

/** @param address an IP address without zone and prefix length */
export function isDocumentationAddress(address: string): boolean {
  if (!address.includes(':')) return IPV4.test(address);
  return IPV6.test(address) || IPV4.test(address.slice(address.lastIndexOf(':') + 1));
}

/** Printed on cards that were sold with wallets, and in a leaflet; withdrawn (SSA, history of the number). */
export function isWithdrawnSsn(digits: string): boolean {
  return digits === '078051120' || digits === '219099999';
}
