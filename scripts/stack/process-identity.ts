import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

/** The fields of /proc/<pid>/stat after the name, which may itself contain spaces and brackets. */
const statOf = (pid: number): string[] | null => {
  const text = read(`/proc/${pid}/stat`);
  return text === null ? null : text.slice(text.lastIndexOf(')') + 2).split(' ');
};

/**
 * A text that distinguishes a process from a later one with the same id, also after a reboot.
 * @returns null when there is no such process or only a zombie
 */
export const identityOf = (pid: number): string | null => {
  if (process.platform === 'linux') {
    const stat = statOf(pid);
    if (stat === null || stat[0] === 'Z') return null;
    // proc(5): field 22 is the start time in clock ticks since boot; 3 is the first one here.
    return `${read('/proc/sys/kernel/random/boot_id')?.trim()} ${stat[19]}`;
  }
  const { stdout } = spawnSync('ps', ['-p', String(pid), '-o', 'lstart='], { encoding: 'utf8' });
  return stdout.trim() || null;
};

const kilobytes = (pid: number, field: string): number => {
  const found = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(read(`/proc/${pid}/status`) ?? '');
  return Number(found?.[1] ?? 0);
};

const childrenOf = (pid: number): number[] =>
  readdirSync('/proc').flatMap((entry) =>
    /^\d+$/.test(entry) && statOf(Number(entry))?.[1] === String(pid) ? [Number(entry)] : [],
  );

/** Resident memory of a process, plus the private memory of its children, in MB; null without /proc. */
export const memoryMbOf = (pid: number, withChildren: boolean): number | null => {
  if (process.platform !== 'linux') return null;
  const children = withChildren ? childrenOf(pid) : [];
  const sum = children.reduce((total, child) => total + kilobytes(child, 'RssAnon'), kilobytes(pid, 'VmRSS'));
  return Math.round(sum / 1024);
};
