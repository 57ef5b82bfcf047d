import { describe, expect, test } from 'vitest';
import { TEST_CARDS } from '../../../../src/guards/pii/recognizers/test-cards.ts';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import type { PiiType } from '../../../../src/guards/pii/types.ts';

function confidence(type: PiiType, text: string): number {
  const [found] = createScanner({ types: [type] }).scan(text);
  return found !== undefined && found.end - found.start === text.length ? found.confidence : 0;
}

/** RFC 2606, RFC 6761, RFC 5737, RFC 3849, RFC 9637, ATIS-0300115, SSA, the SWIFT IBAN registry, Wikipedia, processors' pages. */
const DOCUMENTED: readonly (readonly [PiiType, ...string[]])[] = [
  ['email', 'a@example.com', 'a@mail.EXAMPLE.org', 'a@example.net', 'a@example.edu', 'a@shop.example', 'a@b.test'],
  ['email', 'a@x.invalid', 'me@münchen.example'],
  ['phone', '(415) 555-0100', '212-555-0199', '+1 303 555 0142', '1-800-555-0123', '415-555-0142 ext. 7'],
  ['ip_address', '192.0.2.1', '198.51.100.255', '203.0.113.7/32', '127.0.0.1', '0.0.0.0'],
  ['ip_address', '2001:db8::1', '2001:0DB8:0:0::5', '3fff::1', '3fff:fff::1', '::1', '0:0:0:0:0:0:0:1'],
  ['ip_address', '::ffff:192.0.2.1', '2001:db8::/32'],
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
  ['phone', '415-555-0200', '415-555-0099', '415-550-0142', '+44 20 7946 0958', '+34 912 555 014'],
  ['ip_address', '192.0.3.1', '198.51.101.1', '203.0.112.1', '128.0.0.1', '2001:db9::1', '3fff:1000::1'],
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

  test.each(TEST_CARDS)('%s is a card number, and a published one', (number) => {
    expect(confidence('credit_card', number)).toBe(0.2);
  });

  test.each(flat(ORDINARY))('%s %s is an ordinary value', (type, text) => {
    expect(confidence(type, text)).toBeGreaterThan(0.2);
  });
});
