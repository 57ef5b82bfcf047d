import { describe, expect, test } from 'vitest';
import { createClient } from '../client/client.ts';
import { portcullis } from '../middleware/express.ts';
import { createGate } from '../src/gate.ts';
import { anomaly } from '../src/guards/anomaly/guard.ts';
import { pii } from '../src/guards/pii/guard.ts';
import { createScanner } from '../src/guards/pii/scanner.ts';
import { rateLimit } from '../src/guards/rate-limit/guard.ts';
import { memoryRateStore } from '../src/guards/rate-limit/memory-store.ts';
import { replay } from '../src/guards/replay/guard.ts';
import { memoryReplayStore } from '../src/guards/replay/memory-store.ts';
import { sanity } from '../src/guards/sanity/guard.ts';
import { signature } from '../src/guards/signature/guard.ts';
import { createKeyRing } from '../src/guards/signature/key-ring.ts';
import { vrf } from '../src/guards/vrf/guard.ts';
import { ledger } from '../src/ledger/guard.ts';
import { pcsGuards } from '../src/pcs/preset.ts';
import { recompute } from '../src/pcs/recompute.ts';
import { pcsSanity } from '../src/pcs/sanity.ts';
import { createTenants } from '../src/tenancy/registry.ts';

const gate = createGate({ guards: [] });

/** Everything that takes options, called with one value for all of them. */
const FACTORIES: Readonly<Record<string, (value: never) => unknown>> = {
  createGate,
  ledger,
  rateLimit,
  replay,
  signature,
  vrf,
  sanity,
  anomaly,
  pii,
  createScanner,
  createTenants,
  createKeyRing,
  pcsGuards,
  recompute,
  pcsSanity,
  memoryRateStore,
  memoryReplayStore,
  createClient,
  portcullis: (value) => portcullis(gate, value),
  'portcullis of a gate': (value) => portcullis(value),
  'replay of a store': (store) => replay({ key: () => 'k', store }),
};

describe.each(Object.entries(FACTORIES))('%s', (_name, make) => {
  test.each<[string, unknown]>([
    ['null', null],
    ['a number', 5],
    ['text', 'nightingale'],
    ['true', true],
  ])('options that are %s: one line that says so', (_kind, value) => {
    expect(() => make(value as never)).toThrow(/^PTC_E\d{3} [^\n]*;[^\n]*$/);
    expect(() => make(value as never)).not.toThrow(/nightingale/);
  });
});

test.each([
  'createGate',
  'ledger',
  'rateLimit',
  'replay',
  'signature',
  'sanity',
  'createTenants',
  'createClient',
  'pcsGuards',
])('%s without options: one line that says so', (name) => {
  expect(() => FACTORIES[name]?.(undefined as never)).toThrow(/^PTC_E\d{3} [^\n]* is missing; [^\n]*$/);
});
