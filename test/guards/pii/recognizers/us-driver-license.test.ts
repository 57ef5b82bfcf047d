import { expect, test } from 'vitest';
import { createScanner } from '../../../../src/guards/pii/scanner.ts';
import { describeType } from '../corpus.ts';

describeType('us_driver_license', { positive: 15, negative: 15 });

test('counts as the value of a JSON key that names it, and not of another', () => {
  const scanner = createScanner({ types: ['us_driver_license'] });
  expect(scanner.scan('D12345678', { key: 'driverLicense' })[0]?.confidence).toBe(0.9);
  expect(scanner.scan('D12345678', { key: 'orderId' })).toEqual([]);
});
