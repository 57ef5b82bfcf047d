import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../../gateway/config.ts';
import { readLedgerSettings } from '../../../gateway/ledger/env.ts';

test('with nothing set, the key is beside the ledger and everything is kept', () => {
  expect(readLedgerSettings({}, 'data/audit-worm')).toEqual({
    keyFile: resolve('data/ledger.key'),
    signedFile: resolve('data/ledger.key.signed'),
    origin: 'portcullis.local/ledger',
    checkpointSeconds: 60,
    anchor: undefined,
    retentionDays: undefined,
  });
});

test('what is set is taken', () => {
  const env = {
    LEDGER_KEY_FILE: '/run/secrets/ledger.key',
    LEDGER_SIGNED_FILE: '/var/lib/ledger.signed',
    LEDGER_ORIGIN: 'example.com/eu-1/ledger',
    LEDGER_CHECKPOINT_SECONDS: '5',
    LEDGER_ANCHOR: 'https://witness.example.com/add?log=1',
    LEDGER_RETENTION_DAYS: '3650',
  };
  expect(readConfig(env).ledger).toEqual({
    keyFile: '/run/secrets/ledger.key',
    signedFile: '/var/lib/ledger.signed',
    origin: 'example.com/eu-1/ledger',
    checkpointSeconds: 5,
    anchor: 'https://witness.example.com/add?log=1',
    retentionDays: 3650,
  });
  for (const anchor of [
    '/mnt/once/anchors.txt',
    'anchors.txt',
    'http://localhost:9000/',
    'http://[::1]/x',
    'http://127.0.0.1:1/',
  ]) {
    expect(readLedgerSettings({ LEDGER_ANCHOR: anchor }, 'worm').anchor).toBe(anchor);
  }
});

test.each([
  ['LEDGER_KEY_FILE', 'worm/canary.key', /name a file that is not in WORM_BASE_DIR/],
  ['LEDGER_KEY_FILE', './other/../worm/2030/canary', /name a file that is not in WORM_BASE_DIR/],
  ['LEDGER_SIGNED_FILE', 'worm/canary.signed', /name a file that is not in WORM_BASE_DIR/],
  ['LEDGER_ORIGIN', 'canary with blanks', /give a name such as/],
  ['LEDGER_ORIGIN', 'canary+plus', /give a name such as/],
  ['LEDGER_ORIGIN', 'canary\nline', /give a name such as/],
  ['LEDGER_ORIGIN', 'canary'.repeat(50), /give a name such as/],
  ['LEDGER_CHECKPOINT_SECONDS', '0', /a whole number from 1 to 86400/],
  ['LEDGER_CHECKPOINT_SECONDS', '1.5', /a whole number from 1 to 86400/],
  ['LEDGER_RETENTION_DAYS', '0', /a whole number from 1 to 36525/],
  ['LEDGER_RETENTION_DAYS', 'canary', /a whole number from 1 to 36525/],
  ['LEDGER_ANCHOR', 'worm/canary.txt', /name a file that is not in WORM_BASE_DIR/],
  ['LEDGER_ANCHOR', 'http://canary.example.com/', /give an https URL without user and password/],
  ['LEDGER_ANCHOR', 'https://canary:pass@example.com/', /give an https URL without user and password/],
  ['LEDGER_ANCHOR', 'file:///canary', /give an https URL without user and password/],
  ['LEDGER_ANCHOR', 'https://', /give an https URL without user and password/],
  ['LEDGER_ANCHOR', 'http://localhost.canary.example.com/', /give an https URL without user and password/],
  ['LEDGER_KEYFILE', 'canary', /use one of LEDGER_KEY_FILE, LEDGER_SIGNED_FILE, /],
])('%s=%j stops the start, named and not shown', (name, value, says) => {
  const read = (): unknown => readConfig({ WORM_BASE_DIR: 'worm', [name]: value });
  expect(read).toThrow(says);
  expect(read).toThrow(new RegExp(`^PTC_E011 An environment variable is not valid: ${name} is a string of `));
  expect(read).not.toThrow(/canary/);
});
