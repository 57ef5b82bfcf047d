import type { Random } from './random.ts';

const HEX = '0123456789abcdef';
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** An RFC 9562 UUID of version 4. */
function uuid(random: Random): string {
  const hex = (length: number): string => random.chars(HEX, length);
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${random.pick(['8', '9', 'a', 'b'])}${hex(3)}-${hex(12)}`;
}

function stamp(random: Random): string {
  const two = (below: number, from = 0): string => String(from + random.int(below)).padStart(2, '0');
  return `20${two(7, 20)}-${two(12, 1)}-${two(28, 1)}T${two(24)}:${two(60)}:${two(60)}.${String(random.int(1000)).padStart(3, '0')}Z`;
}

function lines(length: number, line: () => string): string {
  let text = '';
  while (text.length < length) text += `${line()}\n`;
  return text;
}

/** Requests, queries and jobs, each with a time, an id and a duration; no client addresses. */
export function logs(random: Random, length: number): string {
  const forms = [
    () =>
      `${stamp(random)} INFO  [http-${random.int(64)}] GET /v1/items/${random.int(99_999_999)} 200 ${random.int(90_000)} ${random.int(900)}.${random.int(1000)}ms rid=${uuid(random)}`,
    () =>
      `${stamp(random)} DEBUG sql rows=${random.int(5000)} took=${random.int(99)}ms tx=${random.int(2_000_000_000)} seq=${1_700_000_000_000 + random.int(90_000_000)}`,
    () =>
      `[${random.int(99_999)}.${String(random.int(1_000_000)).padStart(6, '0')}] usb ${random.int(4)}-${random.int(9)}.${random.int(9)}: new device 0x${random.chars(HEX, 8)} at 0x${random.chars(HEX, 16)}`,
    () =>
      `${stamp(random)} WARN  queue depth ${random.int(9000)} > ${random.int(900)} (shard-${random.int(512)}, offset ${random.int(2_147_483_647)}, lag ${random.int(100)}:${10 + random.int(49)}:${10 + random.int(49)})`,
    () =>
      `{"ts":"${stamp(random)}","level":"info","trace_id":"${random.chars(HEX, 32)}","span_id":"${random.chars(HEX, 16)}","dur_ns":${random.int(2_000_000_000)},"status":${random.pick([200, 204, 304, 404, 503])}}`,
    () =>
      `I0${1 + random.int(9)}1${random.int(10)} 1${random.int(10)}:${10 + random.int(49)}:${10 + random.int(49)}.${100_000 + random.int(899_999)} ${random.int(99_999)} worker.cc:${random.int(900)}] done ${random.int(100)}/${random.int(100)} v${random.int(9)}.${random.int(30)}.${random.int(30)}`,
  ];
  return lines(length, () => random.pick(forms)());
}

/** UUIDs, digests and keys' fingerprints, alone and in rows. */
export function identifiers(random: Random, length: number): string {
  const forms = [
    () => uuid(random),
    () => `sha256:${random.chars(HEX, 64)}`,
    () => random.chars(HEX, 40),
    () => `"etag": "W/\\"${random.chars(HEX, 8)}-${random.chars(HEX, 11)}\\""`,
    () => `${random.chars(BASE64, 43)}=`,
    () => `${random.chars('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 26)}`,
    () => `chunk-${random.chars('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 8)}.js`,
    () => `arn:x:fn:${random.chars('abcdef', 6)}:${random.chars(HEX, 12)}`,
  ];
  return lines(length, () => random.pick(forms)());
}

/** As a package manager writes it. */
export function lockFile(random: Random, length: number): string {
  const version = (): string => `${random.int(20)}.${random.int(40)}.${random.int(30)}`;
  const name = (): string => `${random.pick(['@types/', '@scope/', '', '', ''])}pkg-${random.chars('abcdefgh', 6)}`;
  return lines(length, () => {
    const of = name();
    return `    "node_modules/${of}": {\n      "version": "${version()}",\n      "resolved": "https://registry.example/${of}/-/${of}-${version()}.tgz",\n      "integrity": "sha512-${random.chars(BASE64, 86)}==",\n      "dependencies": { "${name()}": "^${version()}", "${name()}": "~${version()} || >=${version()}-beta.${random.int(9)}" },\n      "engines": { "node": ">=${random.int(22)}.${random.int(12)}.0" }\n    },\n    // yarn: "${of}@npm:^${version()}", pnpm: /${of}@${version()}`;
  });
}

/** Measurements: times, readings, positions. */
export function measurements(random: Random, length: number): string {
  const real = (scale: number, digits: number): string => ((random.int(2_000_000) / 1e6 - 1) * scale).toFixed(digits);
  const head = 'time,epoch_ms,station,temperature,pressure,lat,lon,count,ratio,vector\n';
  return (
    head +
    lines(
      length - head.length,
      () =>
        `${stamp(random)},${1_700_000_000_000 + random.int(90_000_000)},ST-${random.int(999)},${real(40, 2)},${(950 + random.int(100)).toFixed(1)},${real(90, 6)},${real(180, 6)},${random.int(1_000_000)},${real(1, 12)},"[${real(1, 9)}, ${real(1, 9)}, ${real(1, 9)}]"`,
    )
  );
}
