import { describe, expect, it } from 'vitest';
import { isDateTime } from '../src/rfc3339.ts';

describe('isDateTime', () => {
  it.each([
    // RFC 3339 section 5.8.
    '1985-04-12T23:20:50.52Z',
    '1996-12-19T16:39:57-08:00',
    '1990-12-31T23:59:60Z',
    '1990-12-31T15:59:60-08:00',
    '1937-01-01T12:00:27.87+00:20',
    '2024-02-29T00:00:00Z',
    '2000-02-29T00:00:00Z',
    '2025-01-01t00:00:00z',
    '2025-01-01T00:00:00.123456789012345678901234567890Z',
    '0000-01-01T00:00:00Z',
    '2025-12-31T23:59:59-00:00',
    '2025-06-30T01:29:60+01:30',
  ])('accepts %s', (text) => {
    expect(isDateTime(text)).toBe(true);
  });

  it.each([
    ['no day of this year', '2025-02-29T00:00:00Z'],
    ['no day of this century', '1900-02-29T00:00:00Z'],
    ['a 31st that is not', '2025-04-31T00:00:00Z'],
    ['month 13', '2025-13-01T00:00:00Z'],
    ['month 0', '2025-00-01T00:00:00Z'],
    ['day 0', '2025-01-00T00:00:00Z'],
    ['hour 24', '2025-01-01T24:00:00Z'],
    ['minute 60', '2025-01-01T00:60:00Z'],
    ['second 61', '2025-01-01T00:00:61Z'],
    ['leap second at noon', '2025-01-01T12:00:60Z'],
    ['leap second that is none in UTC', '1990-12-31T23:59:60-08:00'],
    ['no offset', '2025-01-01T00:00:00'],
    ['offset without colon', '2025-01-01T00:00:00+0100'],
    ['offset of 24 hours', '2025-01-01T00:00:00+24:00'],
    ['offset of 60 minutes', '2025-01-01T00:00:00+00:60'],
    ['space for T', '2025-01-01 00:00:00Z'],
    ['date alone', '2025-01-01'],
    ['empty fraction', '2025-01-01T00:00:00.Z'],
    ['line break after', '2025-01-01T00:00:00Z\n'],
    ['year of five digits', '12025-01-01T00:00:00Z'],
    ['digits of another script', '２０２５-01-01T00:00:00Z'],
    ['empty', ''],
  ])('refuses %s', (_name, text) => {
    expect(isDateTime(text)).toBe(false);
  });

  it('knows the length of every month', () => {
    for (let month = 1; month <= 12; month++) {
      const last = new Date(Date.UTC(2023, month, 0)).getUTCDate();
      const at = (day: number): string => `2023-${String(month).padStart(2, '0')}-${day}T00:00:00Z`;
      expect(isDateTime(at(last))).toBe(true);
      expect(isDateTime(at(last + 1))).toBe(false);
    }
  });
});
