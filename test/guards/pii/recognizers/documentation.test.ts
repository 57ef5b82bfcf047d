import { describe, expect, test } from 'vitest';
import { testCards } from '../../../../src/guards/pii/recognizers/test-cards.ts';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import type { PiiType } from '../../../../src/guards/pii/types.ts';

function confidence(type: PiiType, text: string): number {
  const [found] = createScanner({ types: [type] }).scan(text);
  return found !== undefined && found.end - found.start === text.length ? found.confidence : 0;
}

/** ISO/IEC 7812-1 annex B: every second digit from the right is doubled, and the digits of all of them are added. */
function luhnDigit(digits: string): number {
  const parts = [...digits].reverse().map((digit, at) => (at % 2 === 0 ? String(Number(digit) * 2) : digit));
  const sum = [...parts.join('')].reduce((total, digit) => total + Number(digit), 0);
  return (10 - (sum % 10)) % 10;
}

/**
 * RFC 2606, RFC 6761, RFC 5737, RFC 3849, RFC 9637, RFC 6676, ATIS-0300115, Ofcom, ACMA, Bundesnetzagentur, ARCEP, PTS, SSA,
 * the SWIFT IBAN registry, Wikipedia, processors' pages.
 */
const DOCUMENTED: readonly (readonly [PiiType, ...string[]])[] = [
  ['email', 'a@example.com', 'a@mail.EXAMPLE.org', 'a@example.net', 'a@example.edu', 'a@shop.example', 'a@b.test'],
  ['email', 'a@x.invalid', 'me@münchen.example', 'root@db.localhost'],
  ['phone', '(415) 555-0100', '212-555-0199', '+1 303 555 0142', '1-800-555-0123', '415-555-0142 ext. 7'],
  ['phone', '+44 20 7946 0958', '020 7946 0000', '(020) 7946 0999', '0044 20 7946 0123', '+44 (0)20 7946 0123'],
  ['phone', '0113 496 0123', '0121-496-0123', '(0161) 496 0999', '0191 498 0000', '028 9649 6123', '029 2018 0123'],
  ['phone', '01632 960123', '01632 960 123', '07700 900123', '+447700900123', '+44 7700 900 123', '08081 570000'],
  ['phone', '0909 879 0000', '03069 990999', '+44 1632 960983', '0114 496 0000', '0151 496 0777', '+44 28 9649 6000'],
  ['phone', '02 5550 1234', '(07) 7010 0001', '+61 3 5550 0000', '0491 570 006', '+61 491 570 156', '+61491579455'],
  ['phone', '1800 160 401', '1300 975 711', '+61 1800 975 707', '+61 491 573 770', '0491 578 888'],
  ['phone', '030 23125 020', '030/23125999', '+49 30 23125000', '089 99998123', '0221 4710123', '+49 (0)69 90009123'],
  ['phone', '0171 3920012', '+49 176 04069099', '040 66969 123'],
  ['phone', '01 99 00 12 34', '06.39.98.00.00', '+33 6 39 98 12 34', '+33 (0)1 99 00 99 99', '05 36 49 00 01'],
  ['phone', '070-174 06 05', '070-1740699', '+46 70 174 06 50', '08-465 004 00', '+46 31 390 06 00', '0980-319200'],
  ['ip_address', '192.0.2.1', '198.51.100.255', '203.0.113.7/32', '127.0.0.1', '0.0.0.0'],
  ['ip_address', '2001:db8::1', '2001:0DB8:0:0::5', '3fff::1', '3fff:fff::1', '::1', '0:0:0:0:0:0:0:1'],
  ['ip_address', '::ffff:192.0.2.1', '2001:db8::/32', '233.252.0.1', 'ff3e::db8:0:1', 'ff0e::db8:1:1'],
  ['credit_card', '4111111111111111', '4242 4242 4242 4242', '5555-5555-5555-4444', '3782 822463 10005'],
  // Stripe, Adyen, Braintree, Square, Authorize.Net, Worldpay, Sage Pay, Cybersource, Mastercard Gateway.
  ['credit_card', '4000 0027 6000 3184', '6703 4444 4444 4449', '4000111111111115', '3000 000000 0004'],
  ['credit_card', '4007000000027', '4444 3333 2222 1111', '4929000000006', '3566111111111113', '5123 4500 0000 0008'],
  ['ssn', '078-05-1120', '219-09-9999', '078 05 1120'],
  ['iban', 'DE89370400440532013000', 'GB29 NWBK 6016 1331 9268 19', 'BI4210000100010000332045181'],
  ['iban', 'RU03 0445 2522 5408 1781 0538 0913 1041 9', 'BR6699999A03000010009795493C1', 'GB82 WEST 1234 5698 7654 32'],
];

/** Right beside them. */
const ORDINARY: readonly (readonly [PiiType, ...string[]])[] = [
  ['email', 'a@example.co', 'a@myexample.com', 'a@example.com.br', 'a@test.com', 'a@invalid.org'],
  ['phone', '415-555-0200', '415-555-0099', '415-550-0142', '+34 912 555 014', '+212 555 50123'],
  // One beside a range, and numbers of France and Germany with the same digits in other groups.
  ['phone', '+44 20 7946 1958', '0113 496 1123', '0191 496 0123', '07700 901123', '01632 961123', '029 2019 0123'],
  ['phone', '02 55 50 12 34', '04 91 57 00 06', '07 55 50 12 34', '+33 2 55 50 12 34', '0163 2960123', '+33 491570006'],
  ['phone', '02 5551 1234', '0491 570 007', '+61 491 570 160', '+61 2 5551 0000', '1800 975 712', '1300 160 401'],
  ['phone', '030 23126 020', '0171 3920112', '+49 30 23124999', '0261 911234', '01 99 01 12 34', '07 01 74 06 05'],
  ['phone', '070-174 06 04', '+46 70 174 07 00', '08-465 005 00', '+353 20 7946 095'],
  [
    'ip_address',
    '192.0.3.1',
    '198.51.101.1',
    '203.0.112.1',
    '128.0.0.1',
    '2001:db9::1',
    '3fff:1000::1',
    '233.252.1.1',
    'ff02::1',
  ],
  ['credit_card', '4539 5780 1234 5671', '5300 1234 5678 9011'],
  ['ssn', '078-05-1121', '219-09-9998'],
  ['iban', 'DE02 1005 0000 0054 5404 02'],
];

const flat = (table: typeof DOCUMENTED) =>
  table.flatMap(([type, ...texts]) => texts.map((text): [PiiType, string] => [type, text]));

describe('what documents and tests use', () => {
  test.each(flat(DOCUMENTED))('%s %s is found with little confidence', (type, text) => {
    expect(confidence(type, text)).toBe(0.2);
  });

  test.each(testCards())('%s and its Luhn digit are a card number, and a published one', (digits) => {
    expect(confidence('credit_card', digits + luhnDigit(digits))).toBe(0.2);
  });

  test.each(flat(ORDINARY))('%s %s is an ordinary value', (type, text) => {
    expect(confidence(type, text)).toBeGreaterThan(0.2);
  });
});
