import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const TICK_US = 1_000_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** CPU time of a process in all its threads, user and system, in microseconds. */
export const cpuUs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
};

/** Resident memory of a process. */
export const rssMb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

const ticks = (): { busy: number; all: number } => {
  const fields = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').trim().split(/\s+/).slice(1, 9);
  const values = fields.map(Number);
  const all = values.reduce((sum, value) => sum + value, 0);
  // Fields four and five are idle and waiting for a disk.
  return { busy: all - (values[3] ?? 0) - (values[4] ?? 0), all };
};

/** Share of the machine's CPU time in use during this time, 0 to 1. */
const busyShare = async (durationMs: number): Promise<number> => {
  const before = ticks();
  await sleep(durationMs);
  const after = ticks();
  return (after.busy - before.busy) / Math.max(1, after.all - before.all);
};

const BUSY_FROM = 0.15;
const SAMPLE_MS = 1_000;
const PATIENCE_MS = 30_000;

export type Quiet = { check(what: string): Promise<void>; worst(): number };

/**
 * Refuses to measure on a busy machine: waits for it to become quiet, then throws. With `force` it only
 * records how busy the machine was, and the result is marked as unreliable.
 */
export const quietMachine = (force: boolean): Quiet => {
  let worst = 0;
  return {
    worst: () => worst,
    check: async (what) => {
      const endMs = performance.now() + (force ? 0 : PATIENCE_MS);
      let share = await busyShare(SAMPLE_MS);
      while (share > BUSY_FROM && performance.now() < endMs) share = await busyShare(SAMPLE_MS);
      worst = Math.max(worst, share);
      if (share <= BUSY_FROM || force) return;
      const percent = Math.round(share * 100);
      throw new Error(
        `The machine is busy before "${what}": other programs use ${percent} % of its cores. ` +
          'Figures would be unreliable. Stop them, or measure anyway with --force.',
      );
    },
  };
};
