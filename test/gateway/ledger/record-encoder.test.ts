import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_IMAGES, recordEncoder } from '../../../gateway/ledger/record-encoder.ts';
import { MAX_ENTRY_BYTES } from '../../../src/ledger/entry.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';

const record = (fields: object): LedgerRecord => fields as LedgerRecord;
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** The members of a line by `JSON.stringify` alone: the second implementation. */
function membersOf({ prev_hash: _prev, entry_hash: _hash, ...fields }: LedgerRecord): string {
  const text = JSON.stringify(fields, (_name, value) => {
    if (typeof value === 'bigint') return String(value);
    if (typeof value === 'number' && !Number.isSafeInteger(value)) return Number.isFinite(value) ? String(value) : null;
    return typeof value === 'string' ? value.replaceAll(/[\u007f\p{Cs}]/gu, '\ufffd') : value;
  });
  return text === '{}' ? '{' : `${text.slice(0, -1)},`;
}

function expectEncoded(records: readonly LedgerRecord[]): void {
  const encode = recordEncoder();
  for (const one of records) expect(textOf(encode(one))).toBe(membersOf(one));
}

/** Texts that need something done to them, and such as need nothing; short ones often come twice in a row. */
const text = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'bench', 'ab'.repeat(32), 'cd'.repeat(32)),
  fc.constantFrom(
    '\u007f',
    '\ud800',
    '\udfff',
    '\ud83d\ude00',
    '\u0000',
    '\n',
    '\u2028',
    '\u0080',
    '/',
    '\\',
    '"',
    'é',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ maxLength: 80 }),
);
const number = fc.oneof(
  fc.constantFrom(0, -0, 1, 9, 10, 1e-7, 1e-5, 1e17, 1e21, 0.1, 5e-324, 1.7976931348623157e308),
  fc.constantFrom(Number.NaN, Number.NEGATIVE_INFINITY, Number.MAX_SAFE_INTEGER, 2 ** 53),
  fc.double(),
  fc.integer(),
);
const rules = fc.oneof(fc.constant([]), fc.array(text, { maxLength: 3 }));
const verdict = fc.record({
  guard: fc.constantFrom('pii', 'vrf', 'replay'),
  verdict: fc.constantFrom('pass', 'deny'),
  stage: fc.constantFrom('enforce', 'off'),
  rules,
});
const odd = fc.constantFrom(undefined, 12n, new Date(0), () => 1, { toJSON: () => '\u007f' }, Object.create(null), [
  undefined,
]);
const anything = fc.oneof({ weight: 8, arbitrary: text }, number, fc.boolean(), fc.constant(null), odd, fc.object());
/** Records of few shapes, so that one is often made from another's line. */
const entry: fc.Arbitrary<LedgerRecord> = fc
  .record(
    {
      kind: fc.constant('decision'),
      timestamp: fc.constantFrom('2030-12-31T23:59:58.000Z', '2030-12-31T23:59:58.001Z'),
      decision_id: fc.uuid(),
      tenant: fc.oneof(text, fc.constant(null)),
      status: number,
      code: fc.constantFrom(null, null, null, 'PTC_D101'),
      would_be: fc.record({ outcome: fc.constantFrom('allow', 'deny'), status: number, code: fc.constant(null) }),
      verdicts: fc.array(verdict, { maxLength: 4 }),
      digest: fc.oneof(fc.constant(null), fc.constantFrom('ab'.repeat(32), 'ef'.repeat(32))),
      epoch: number,
      shard_id: text,
      any: anything,
      corrects: fc.uuid(),
      entry_hash: text,
    },
    { requiredKeys: ['kind', 'timestamp', 'decision_id', 'tenant', 'status', 'code', 'would_be', 'verdicts', 'epoch'] },
  )
  .map(record);

test('any records, one after the other, are what JSON.stringify writes', () => {
  fc.assert(fc.property(fc.array(entry, { minLength: 2, maxLength: 12 }), expectEncoded), {
    numRuns: 2_000,
    seed: Number(process.env.FC_SEED ?? 1),
  });
});

test('one member at a time, any value and name', () => {
  const base = { kind: 'decision', a: 'one', b: 7, c: { list: ['x', 1, null, true] }, d: 'two' };
  const name = fc.oneof(fc.constantFrom('a', 'b', 'c', 'd', 'prev_hash', 'e', '1', '"', '\\', 'é', 'toJSON'));
  fc.assert(
    fc.property(fc.array(fc.tuple(name, anything), { minLength: 1, maxLength: 12 }), (changes) => {
      expectEncoded([record(base), ...changes.map(([member, value]) => record({ ...base, [member]: value }))]);
    }),
    { numRuns: 2_000, seed: Number(process.env.FC_SEED ?? 1) },
  );
});

test('a value that was changed in place, or in the order of its names, is written as it is now', () => {
  const encode = recordEncoder();
  const one = { kind: 'admin', list: [['a']], object: { a: 1, b: 2 } as Record<string, number>, id: 'x' };
  const expectNow = (): unknown => expect(textOf(encode(record(one)))).toBe(membersOf(record(one)));
  expectNow();
  one.list[0]?.push('b');
  expectNow();
  one.object = { b: 2, a: 1 };
  expectNow();
  one.object = { b: 2, c: 1 };
  expectNow();
  one.object = { a: 1, b: 1 };
  expectNow();
  one.object = { b: 1, a: 1 };
  expectNow();
  one.object.c = 3;
  expectNow();
  delete one.object.a;
  expectNow();
  one.list.length = 0;
  expectNow();
  Object.defineProperty(one.object, 'toJSON', { value: () => 'other' });
  expectNow();
});

test('after a record that cannot be an entry, the next is as if it had not been', () => {
  const encode = recordEncoder();
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const good = (id: string): LedgerRecord => record({ kind: 'admin', id, value: 'v', last: id });
  for (const value of [circle, { '\u007f': 1 }, 'x'.repeat(MAX_ENTRY_BYTES)]) {
    expect(textOf(encode(good('a')))).toBe(membersOf(good('a')));
    expect(() => encode(record({ kind: 'admin', id: 'other', value, last: 'z' }))).toThrow();
    expect(textOf(encode(good('b')))).toBe(membersOf(good('b')));
  }
});

test('lines of any length, shorter and longer in turn', () => {
  const lengths = [1, 8_100, 8_191, 8_192, 3, 60_000, 2_700, 8_150, 0, 2_731, 8_000];
  for (const unit of ['x', 'é', '"']) {
    expectEncoded(lengths.map((length) => record({ kind: 'admin', a: unit.repeat(length), b: length, c: 'c' })));
    expectEncoded(lengths.map((length) => record({ kind: 'admin', a: [unit.repeat(length)], c: unit })));
  }
});

test('more kinds and codes than are kept', () => {
  const codes = Array.from({ length: 3 * MAX_IMAGES }, (_, at) => record({ kind: 'decision', code: `c${at}`, at }));
  expectEncoded([...codes, ...codes.toReversed()]);
});

/** What a function returns while prototypes have more than they should. */
function polluted(target: object, name: string, value: unknown, run: () => string[]): string[] {
  Object.defineProperty(target, name, {
    value,
    enumerable: !Array.isArray(target),
    writable: true,
    configurable: true,
  });
  try {
    return run();
  } finally {
    Reflect.deleteProperty(target, name);
  }
}

test('members that are not a record’s own are not in its line, whatever is remembered', () => {
  const encode = recordEncoder();
  const inherited = 'own';
  const own = record({ kind: 'admin', object: { inherited }, inherited });
  const nested = record({ kind: 'retention', object: { inherited } });
  expect([own, nested].map((one) => textOf(encode(one)))).toEqual([
    '{"kind":"admin","object":{"inherited":"own"},"inherited":"own",',
    '{"kind":"retention","object":{"inherited":"own"},',
  ]);
  const found = polluted(Object.prototype, 'inherited', inherited, () =>
    [{ kind: 'admin', object: { inherited } }, { kind: 'retention', object: {} }, Object.create({ kind: 'admin' })].map(
      (one) => textOf(encode(record(one))),
    ),
  );
  expect(found).toEqual(['{"kind":"admin","object":{"inherited":"own"},', '{"kind":"retention","object":{},', '{']);
});

test('a toJSON that all lists got meanwhile is asked', () => {
  const encode = recordEncoder();
  const one = record({ kind: 'admin', list: [1] });
  expect(textOf(encode(one))).toBe('{"kind":"admin","list":[1],');
  expect(
    polluted(
      Array.prototype,
      'toJSON',
      () => 'L',
      () => [textOf(encode(one))],
    ),
  ).toEqual(['{"kind":"admin","list":"L",']);
});
