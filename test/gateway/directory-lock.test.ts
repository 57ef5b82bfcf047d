import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { lockDirectory } from '../../gateway/directory-lock.ts';
import { ENDED, ownStart, startOf } from '../../gateway/process-start.ts';
import { tempDirectory } from '../helpers/temp.ts';

const RACER = fileURLToPath(new URL('lock-racer.ts', import.meta.url));
/** No process of Linux has such an id. */
const GONE = 999_999_999;

async function startRacer(): Promise<ChildProcess> {
  const racer = fork(RACER, { execArgv: ['--import', 'tsx'] });
  onTestFinished(() => void racer.kill('SIGKILL'));
  await once(racer, 'message');
  return racer;
}

/** What each racer says of each directory. */
async function race(racers: readonly ChildProcess[], directories: readonly string[]): Promise<string[][]> {
  const answers = racers.map((racer) => once(racer, 'message'));
  for (const racer of racers) racer.send(directories);
  return (await Promise.all(answers)).map(([answer]) => answer as string[]);
}

test('makes the directory with its parents, holds it, and gives it free once', async () => {
  const directory = join(await tempDirectory(), 'a', 'b', 'c');
  const unlock = await lockDirectory('WAL_DIR', directory);
  const [claim = '', ...more] = await readdir(directory);
  expect(claim).toMatch(new RegExp(`^\\.lock-${process.pid}-[\\w.]+-[0-9a-f]{16}$`));
  expect([more, await readFile(join(directory, claim), 'utf8')]).toEqual([[], '']);
  await unlock();
  expect(await readdir(directory)).toEqual([]);
  const again = await lockDirectory('WAL_DIR', directory);
  await unlock();
  await expect(lockDirectory('WAL_DIR', directory)).rejects.toThrow(/this process uses it already/);
  expect((await readdir(directory)).length).toBe(1);
  await again();
});

test('a directory that this process holds is not given again, by whatever path', async () => {
  const base = await tempDirectory();
  const directory = join(base, 'held');
  const unlock = await lockDirectory('WAL_DIR', directory);
  await symlink(directory, join(base, 'alias'));
  for (const path of [directory, `${directory}/`, join(base, 'alias'), join(base, 'x', '..', 'held')]) {
    await expect(lockDirectory('WORM_BASE_DIR', path)).rejects.toThrow(
      /^PTC_E013 .*: WORM_BASE_DIR is a string of \d+ characters; name another directory[^/]*$/,
    );
  }
  expect((await readdir(directory)).length).toBe(1);
  await unlock();
  await (await lockDirectory('WAL_DIR', directory))();
});

test('of two that want it at once, one gets it', async () => {
  const directory = join(await tempDirectory(), 'wanted');
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory('WAL_DIR', directory)));
  expect(results.filter(({ status }) => status === 'fulfilled').length).toBe(1);
});

test('of processes that start together on the claim of one that is gone, never two hold the directory', async () => {
  const base = await tempDirectory();
  const racers = await Promise.all(Array.from({ length: 4 }, startRacer));
  let won = 0;
  for (let round = 0; round < 5; round++) {
    const directories = Array.from({ length: 25 }, (_, at) => join(base, `${round}-${at}`));
    for (const directory of directories) {
      await mkdir(directory);
      await writeFile(join(directory, `.lock-${GONE}-x-00`), '');
    }
    const answers = await race(racers, directories);
    for (const [at, directory] of directories.entries()) {
      const said = answers.map((one) => one[at] ?? '');
      const holders = said.filter((word) => word === 'held').length;
      expect(holders).toBeLessThanOrEqual(1);
      // Where everybody gave way to somebody else, nobody may have come to look at the claim that counts for nothing.
      const claims = (await readdir(directory)).filter((name) => !name.startsWith(`.lock-${GONE}-`));
      expect(claims.length).toBe(holders);
      for (const word of said) expect(word).toMatch(/^held$|; stop process \d+, which uses it, or name another/);
      won += holders;
    }
  }
  // That nobody gets it may happen, as all give way, but seldom.
  expect(won).toBeGreaterThan(0);
});

test('the claim of a running process counts, and no more once it is killed', async () => {
  const directory = await tempDirectory();
  const racer = await startRacer();
  expect(await race([racer], [directory])).toEqual([['held']]);
  await expect(lockDirectory('WAL_DIR', directory)).rejects.toThrow(
    new RegExp(`^PTC_E013 [^/]*; stop process ${racer.pid}, which uses it, or name another directory$`),
  );
  const ended = once(racer, 'exit');
  racer.kill('SIGKILL');
  await ended;
  await (await lockDirectory('WAL_DIR', directory))();
  expect(await readdir(directory)).toEqual([]);
});

test('a process that runs but was started at another time is another one', async () => {
  const sleeper = spawn('sleep', ['60']);
  onTestFinished(() => void sleeper.kill('SIGKILL'));
  const pid = sleeper.pid ?? 0;
  const start = await startOf(pid);
  // cut counts fields too, and the name of this program has no blank.
  const ticks = execFileSync('cut', ['-d', ' ', '-f', '22', `/proc/${pid}/stat`], { encoding: 'utf8' }).trim();
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  expect(start).toBe(`${boot.slice(0, 8)}.${ticks}`);
  const directory = await tempDirectory();
  const oddly = join(directory, 'a) 1 (b) 2');
  await copyFile('/bin/sleep', oddly);
  const named = spawn(oddly, ['60']);
  onTestFinished(() => void named.kill('SIGKILL'));
  const later = Number((await startOf(named.pid ?? 0)).slice(9)) - Number(ticks);
  expect([later >= 0, later < 6_000]).toEqual([true, true]);
  await rm(oddly);
  for (const other of [`00000000${start.slice(8)}`, `${start}0`, 'garbage']) {
    await writeFile(join(directory, `.lock-${pid}-${other}-00`), '');
    await (await lockDirectory('WAL_DIR', directory))();
    expect(await readdir(directory)).toEqual([]);
  }
  for (const same of [start, 'x']) {
    const claim = join(directory, `.lock-${pid}-${same}-00`);
    await writeFile(claim, '');
    await expect(lockDirectory('WAL_DIR', directory)).rejects.toThrow(`stop process ${pid}`);
    await rm(claim);
  }
});

test('a claim with our own process id that we do not hold is one of a past life, unless it was made in this one', async () => {
  const directory = await tempDirectory();
  for (const start of ['x', '00000000.1', '0']) {
    await writeFile(join(directory, `.lock-${process.pid}-${start}-00`), '');
    await (await lockDirectory('WAL_DIR', directory))();
    expect(await readdir(directory)).toEqual([]);
  }
  await writeFile(join(directory, `.lock-${process.pid}-${await ownStart()}-00`), '');
  await expect(lockDirectory('WAL_DIR', directory)).rejects.toThrow(/; name another directory: this process uses it/);
});

test('what only looks like a claim is let be', async () => {
  const directory = await tempDirectory();
  const names = ['.lock', '.lock-', '.lock-1', '.lock-garbage', '.lock-1-x-zz', '.lock--1-x-00', '.lock-1-x-00-00'];
  for (const name of names) await writeFile(join(directory, name), '1');
  await mkdir(join(directory, '.lock-1-x-00'));
  await mkdir(join(directory, `.lock-${GONE}-x-00`, 'below'), { recursive: true });
  await symlink('/proc/1', join(directory, '.lock-1-x-01'));
  execFileSync('mkfifo', [join(directory, '.lock-1-x-02')]);
  const before = await readdir(directory);
  await (await lockDirectory('WAL_DIR', directory))();
  expect(await readdir(directory)).toEqual(before);
});

test('what cannot be a directory is said in one line that shows no path', async () => {
  const base = await tempDirectory();
  const file = join(base, 'canary-file');
  await writeFile(file, '');
  await symlink(join(base, 'canary-nowhere'), join(base, 'canary-dangling'));
  await symlink(join(base, 'canary-loop'), join(base, 'canary-loop'));
  for (const path of [
    file,
    join(file, 'below'),
    join(file, 'far', 'below'),
    join(base, 'canary-dangling'),
    join(base, 'canary-dangling', 'below'),
    join(base, 'canary-loop'),
    join(base, 'canary'.repeat(100)),
    `${base}/canary\0null`,
    `${base}/${'canary/'.repeat(1_000)}`,
  ]) {
    const failed = lockDirectory('WAL_DIR', path);
    await expect(failed).rejects.toThrow(/^PTC_E013 A file could not be opened: WAL_DIR is a string of [^\n]*$/);
    await expect(failed).rejects.not.toThrow(/canary/);
  }
});

const onLinux = process.platform === 'linux' ? test : () => undefined;
onLinux('a process that has ended holds nothing, even before its parent has asked', async () => {
  const directory = await tempDirectory();
  // A shell that never waits for its child: the child stays a zombie.
  const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 60']);
  onTestFinished(() => void parent.kill('SIGKILL'));
  const pid = Number(String(await new Promise((resolve) => parent.stdout.once('data', resolve))));
  while ((await startOf(pid)) !== ENDED) await new Promise((resolve) => setTimeout(resolve, 10));
  for (const start of ['x', '01234567.42']) {
    await writeFile(join(directory, `.lock-${pid}-${start}-00`), '');
    await (await lockDirectory('WAL_DIR', directory))();
  }
  expect(await readdir(directory)).toEqual([]);
});
