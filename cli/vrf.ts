import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { VRF_SUITE_NAMES, vrfSuiteNamed } from '../gateway/vrf-suites.ts';
import { decodeBase64, encodeBase64 } from '../src/base64.ts';
import { ConfigError } from '../src/errors.ts';
import type { VrfSuite } from '../src/guards/vrf/suite.ts';
import { wordOption } from '../src/options.ts';
import { readOptions } from './options.ts';

/** Exit code of `verify` for a proof that is not valid, apart from 1 for what could not be done at all. */
export const EXIT_INVALID = 3;

const ENCODINGS = ['hex', 'base64'] as const;
const STANDARD_INPUT = '-';
/** Bytes of a file with a key or a proof at most: a device or the wrong file may have no end. */
const MAX_TEXT_BYTES = 65_536;

const USAGE = `usage: portcullis vrf keygen --secret-file <new file>
       portcullis vrf prove  --secret-file <file> (--alpha <text> | --alpha-bytes <text> | --alpha-file <file>)
       portcullis vrf verify (--public-key <text> | --public-key-file <file>) (--proof <text> | --proof-file <file>)
                             (--alpha <text> | --alpha-bytes <text> | --alpha-file <file>)

keygen writes a secret key to a new file and prints the public key, prove prints the proof, verify prints its output.
A secret key is read from a file or from standard input, and never from the command line.

  --suite <name>      ${VRF_SUITE_NAMES.join('\n                      ')}
                      the first is the default
  --encoding <name>   hex (the default) or base64: keys, proofs, outputs and --alpha-bytes, given and printed
  --alpha <text>      the input, as UTF-8; --alpha-file takes the bytes of a file as they are

A file named - is standard input. Exit codes: 0 done or valid, ${EXIT_INVALID} not valid (with the reason), 1 not possible.
`;

/** A text that stands for a file or for itself, and where it came from. */
type Named = Readonly<Record<string, string | undefined>>;

interface Task {
  readonly suite: VrfSuite;
  readonly encoding: (typeof ENCODINGS)[number];
  readonly values: Named;
  readonly read: (path: string, option: string, limit: number) => Promise<Uint8Array>;
}

/** Makes a VRF key, a proof, or checks one: RFC 9381. */
export async function vrf(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  const task = name !== undefined && Object.hasOwn(TASKS, name) ? TASKS[name as keyof typeof TASKS] : undefined;
  if (task === undefined) {
    const isHelp = name === '--help' || name === '-h';
    process[isHelp ? 'stdout' : 'stderr'].write(USAGE);
    return isHelp ? 0 : 2;
  }
  const values = readOptions(rest, USAGE, ['suite', 'encoding', ...task.options]);
  if (values === undefined) return 0;
  return task.run({
    suite: vrfSuiteNamed('--suite', values.suite),
    encoding: wordOption('--encoding', values.encoding, 'hex', ENCODINGS),
    values,
    read: inputs(),
  });
}

const ALPHA = ['alpha', 'alpha-bytes', 'alpha-file'] as const;

const TASKS = {
  keygen: { options: ['secret-file'], run: keygen },
  prove: { options: ['secret-file', ...ALPHA], run: prove },
  verify: { options: ['public-key', 'public-key-file', 'proof', 'proof-file', ...ALPHA], run: verify },
} as const;

async function keygen({ suite, encoding, values }: Task): Promise<number> {
  const path = values['secret-file'];
  const remedy = 'give the path of a file that is not there yet';
  if (path === undefined || path === '') throw new ConfigError('PTC_E001', '--secret-file', path, remedy);
  if (path === STANDARD_INPUT) throw new ConfigError('PTC_E003', '--secret-file', path, remedy);
  const { secretKey, publicKey } = suite.keygen();
  await writeFile(path, `${encode(encoding, secretKey)}\n`, { mode: 0o600, flag: 'wx' }).catch(() => {
    throw new ConfigError('PTC_E013', '--secret-file', path, remedy);
  });
  return print(encode(encoding, publicKey));
}

async function prove(task: Task): Promise<number> {
  const { suite, encoding } = task;
  const secretKey = await keyOrProof(task, 'secret');
  const alpha = await alphaOf(task);
  try {
    return print(encode(encoding, suite.prove(secretKey, alpha)));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError('PTC_E008', '--secret-file', secretKey, `give a secret key of ${suite.name}`);
  }
}

async function verify(task: Task): Promise<number> {
  const { suite, encoding } = task;
  const publicKey = await keyOrProof(task, 'public-key');
  const proof = await keyOrProof(task, 'proof');
  const result = suite.verify(publicKey, await alphaOf(task), proof);
  if (result.valid) return print(encode(encoding, result.beta));
  process.stderr.write(`portcullis: not valid: ${result.reason}\n`);
  return EXIT_INVALID;
}

/** A key or a proof, from its option or from the text in its file. */
async function keyOrProof(
  { values, read, encoding }: Task,
  name: 'secret' | 'public-key' | 'proof',
): Promise<Uint8Array> {
  const options = name === 'secret' ? (['secret-file'] as const) : ([name, `${name}-file`] as const);
  const given = onlyOne(options, values);
  const text = given.endsWith('-file')
    ? new TextDecoder().decode(await read(values[given] ?? '', `--${given}`, MAX_TEXT_BYTES)).trim()
    : (values[given] ?? '');
  return decode(encoding, text, `--${given}`);
}

async function alphaOf({ values, read, encoding }: Task): Promise<Uint8Array> {
  const given = onlyOne(ALPHA, values);
  const text = values[given] ?? '';
  if (given === 'alpha-file') return read(text, '--alpha-file', Number.POSITIVE_INFINITY);
  return given === 'alpha' ? new TextEncoder().encode(text) : decode(encoding, text, '--alpha-bytes');
}

/** Which one of the options was given. */
function onlyOne<T extends string>(options: readonly T[], values: Named): T {
  const given = options.filter((option) => values[option] !== undefined);
  const [first] = given;
  const names = options.map((option) => `--${option}`).join(' or ');
  if (first === undefined) throw new ConfigError('PTC_E001', names, undefined, 'see portcullis vrf --help');
  if (given.length > 1) throw new ConfigError('PTC_E003', names, values[first], 'give one of them only');
  return first;
}

/** Reads files, and standard input once. */
function inputs(): Task['read'] {
  let isTaken = false;
  return async (path, option, limit) => {
    const isInput = path === STANDARD_INPUT;
    if (isInput && isTaken) throw new ConfigError('PTC_E003', option, path, 'take standard input for one option only');
    isTaken ||= isInput;
    const parts: Uint8Array[] = [];
    let length = 0;
    try {
      for await (const part of (isInput ? process.stdin : createReadStream(path)) as AsyncIterable<Uint8Array>) {
        length += part.length;
        if (length > limit) break;
        parts.push(part);
      }
    } catch {
      const remedy = 'give the path of a file that can be read, or - for standard input';
      throw new ConfigError('PTC_E013', option, path, remedy);
    }
    if (length > limit) throw new ConfigError('PTC_E003', option, path, `give a file of at most ${limit} bytes`);
    return Buffer.concat(parts);
  };
}

function decode(encoding: Task['encoding'], text: string, option: string): Uint8Array {
  const isHex = /^(?:[0-9a-f]{2})*$/i.test(text);
  const bytes = encoding === 'base64' ? decodeBase64(text) : isHex ? Buffer.from(text, 'hex') : undefined;
  if (bytes !== undefined) return bytes;
  const remedy = encoding === 'hex' ? 'give hex digits, or --encoding base64' : 'give base64 with its padding';
  throw new ConfigError('PTC_E002', option, text, remedy);
}

function encode(encoding: Task['encoding'], bytes: Uint8Array): string {
  return encoding === 'hex' ? Buffer.from(bytes).toString('hex') : encodeBase64(bytes);
}

function print(line: string): number {
  process.stdout.write(`${line}\n`);
  return 0;
}
