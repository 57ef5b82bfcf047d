import { readFile, readlink } from 'node:fs/promises';
import process from 'node:process';

/** Stands for a start time that cannot be read. */
export const UNKNOWN_START = 'x';
/** Stands for that of a process that has ended and whose parent has not asked yet: it holds nothing any more. */
export const ENDED = 'ended';

/**
 * What tells a process from a later one of the same id: the first characters of the system's boot id and the time
 * that the process was started. `x` where the system does not say, as everywhere but on Linux.
 */
export async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'latin1')).slice(0, 8);
    // The program's name stands in parentheses and may hold blanks and parentheses; field 3 comes after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return ENDED;
    const ticks = fields[22 - 3] ?? '';
    return /^[0-9a-f]{8}$/.test(boot) && /^\d{1,20}$/.test(ticks) ? `${boot}.${ticks}` : UNKNOWN_START;
  } catch {
    return UNKNOWN_START;
  }
}

/** The same of this process; `x` also where `/proc` is that of other process ids than ours, as in some containers. */
export async function ownStart(): Promise<string> {
  const self = await readlink('/proc/self').catch(() => undefined);
  return self === String(process.pid) ? startOf(process.pid) : UNKNOWN_START;
}
