// Plants one fault at a time in the kernel's sources and runs the kernel's tests on each: all must fail. Some minutes.
// Works on a copy of the repository's sources in a temporary folder. `node test/guards/vrf/kernel-mutants.mjs [numbers]`
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { compile, inlined } from '../../../src/guards/vrf/kernel/build.mjs';

const ROOT = new URL('../../../', import.meta.url).pathname;
const KERNEL = 'src/guards/vrf/kernel';

/** Name, file, text, and what becomes of it. */
const MUTANTS = [
  ['y of p or more is decoded', 'point', 'if (!isCanonical(bytes)) return 0;', ''],
  ['x = 0 with sign 1 is decoded', 'point', 'if (sign != 0 && isZeroLane(x, lane)) return 0;', ''],
  ['a square root that is none is taken', 'point', 'if (!isZeroLane(W, lane)) return 0;', ''],
  [
    'the sign bit chooses the other root',
    'point',
    '& 1) != sign) negateLane(out, 0)',
    '& 1) == sign) negateLane(out, 0)',
  ],
  ['s of the group order or more is taken', 'kernel', 'if (!isBelowOrder(SCALAR)) return S_RANGE;', ''],
  ['s equal to the group order is taken', 'scalar', '  return false;\n}', '  return true;\n}'],
  ['small-order keys are taken', 'kernel', 'if (hasZeroX(V)) return 2;', ''],
  ['hash values of small order are taken', 'kernel', 'return !hasZeroX(H);', 'return true;'],
  ['a hash value is left out', 'kernel', 'let counter: u32 = 1;', 'let counter: u32 = 3;'],
  [
    'H keeps half its cofactor',
    'kernel',
    '  timesEight(H, H);\n  return !',
    '  double(H, H);\n  double(H, H);\n  return !',
  ],
  ['beta without cofactor', 'kernel', 'timesEight(CLEARED, POINT_GAMMA);', 'memory.copy(CLEARED, POINT_GAMMA, 160);'],
  ['half of the challenge is compared', 'kernel', ' || load<u64>(HASHES, 8) != load<u64>(C, 8)', ''],
  ['+ c Gamma for - c Gamma', 'scalar', '-<i32>load<i8>(b + position)', '<i32>load<i8>(b + position)'],
  [
    'the entry beside the right one, by windows',
    'scalar',
    'table + (digit - 1) * POINT',
    'table + (digit & 14) * POINT',
  ],
  ['the entry beside the right one, by digits', 'scalar', '(<usize>-digit >> 1)', '(<usize>(2 - digit) >> 1 & 3)'],
  [
    'no window for the last carry of c',
    'kernel',
    'addByTable(U, table, C, 128, 33, 4)',
    'addByTable(U, table, C, 128, 32, 4)',
  ],
  ['each part of the base table goes to its front', 'kernel', 'BASE + built * BASE_WINDOW', 'BASE'],
  ['each part of the base table begins with the base point', 'kernel', 'if (built == 0) setBase', 'setBase'],
  [
    '+ c Y for - c Y, without tables',
    'kernel',
    '  negateLane(AFFINE, 0);\n  fromAffine(U, AFFINE);',
    '  fromAffine(U, AFFINE);',
  ],
  ['no digit for the last carry of c', 'scalar', 'while (position <= bits)', 'while (position < bits)'],
  ['bits of s behind the last of c', 'scalar', 'at + 1 < bits >> 3 ?', 'true ?'],
  [
    '19 times a sum of limbs in 32 bits',
    'field',
    'times19(low(x4, Y_SUM + 144))',
    'i64x2.extmul_low_i32x4_s(i32x4.mul(x4, i32x4.splat(19)), v128.load(Y_SUM + 144))',
  ],
  [
    'limb 0 does not spill a second time',
    'field',
    ', i64x2.shr_u(again, 26));',
    ', i64x2.shr_u(v128.load(BIAS_AGAIN), 26));',
  ],
  [
    'residues from p to 2^255 - 1 stay',
    'field',
    'if (normalize(19) == 0) normalize(-19);',
    'normalize(19);\n  if (load<i64>(LIMBS) >= 0) normalize(-19);',
  ],
  ['the sign of a dropped limb is lost', 'invert', ' | (f << 30)', ''],
  [
    'another multiple of p in the inversion',
    'invert',
    'md -= (P_INVERSE * (cd & MASK) + md) & MASK',
    'md -= (P_INVERSE * (cd & MASK)) & MASK',
  ],
  ['the encoding loses its sign', 'kernel', 'load<u8>(out, 31) | sign', 'load<u8>(out, 31)'],
  ['2 Z counts once in a subtraction', 'point', 'negative ? sum : difference', 'difference'],
  ['Elligator 2 takes the other root', 'elligator', 'let sign: u32 = 1;', 'let sign: u32 = 0;'],
  ['the 256th bit of a hash is lost', 'elligator', ' | (load<u64>(BYTES, 24) >> 63)', ''],
];

const only = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'portcullis-mutants-'));
for (const name of [
  'src',
  'test',
  'fixtures',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'vitest.config.ts',
]) {
  cpSync(join(ROOT, name), join(folder, name), { recursive: true });
}
symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));

let survived = 0;
for (const [at, [name, file, from, to]] of MUTANTS.entries()) {
  if (only.length > 0 && !only.includes(at + 1)) continue;
  const wasm = await compile((wanted) => {
    const part = wanted.replace(/\.ts$/, '');
    let source;
    try {
      source = readFileSync(join(ROOT, KERNEL, `${part}.as`), 'utf8');
    } catch {
      return null;
    }
    if (part !== file) return source;
    if (source.split(from).length !== 2) throw new Error(`${name}: its text is not there exactly once`);
    const mutant = source.replace(from, () => to);
    return to.includes('double(')
      ? mutant.replace('import { decodeOneBeside', 'import { double, decodeOneBeside')
      : mutant;
  });
  writeFileSync(join(folder, KERNEL, 'wasm.ts'), inlined(wasm));
  writeFileSync(join(folder, KERNEL, 'kernel.wasm'), wasm);
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--bail=1', '--reporter=json'];
  args.push('test/guards/vrf/kernel-parts.test.ts', 'test/guards/vrf/kernel.test.ts');
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', timeout: 120_000 });
  const caught = status !== 0;
  if (!caught) survived++;
  const tests = stdout.includes('{') ? JSON.parse(stdout.slice(stdout.indexOf('{'))).testResults : [];
  const by = tests.flatMap(({ assertionResults }) => assertionResults).find((each) => each.status === 'failed');
  console.log(`${at + 1}. ${name}: ${caught ? `caught by "${by?.title ?? 'the time limit'}"` : 'SURVIVED'}`);
}
rmSync(folder, { recursive: true });
process.exit(survived === 0 ? 0 : 1);
