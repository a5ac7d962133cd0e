import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

const TICK_US = 1_000_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Processor time that a process has used in all its threads, user and system. */
export const cpuUs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
};

/** Memory of a process that is in RAM. */
export const rssMb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

const ticks = (): { busy: number; all: number } => {
  const fields = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').trim().split(/\s+/).slice(1, 9);
  const values = fields.map(Number);
  const all = values.reduce((sum, value) => sum + value, 0);
  // Fields four and five are idle and waiting for a disk.
  return { busy: all - (values[3] ?? 0) - (values[4] ?? 0), all };
};

/** Share of the machine's processor time that anybody used during so long, 0 to 1. */
const busyShare = async (durationMs: number): Promise<number> => {
  const before = ticks();
  await wait(durationMs);
  const after = ticks();
  return (after.busy - before.busy) / Math.max(1, after.all - before.all);
};

const BUSY_FROM = 0.15;
const SAMPLE_MS = 1_000;
const PATIENCE_MS = 30_000;

export type Quiet = { check(what: string): Promise<void>; worst(): number };

/**
 * Refuses to measure on a machine that others use: waits for it to become quiet, then throws. With `force`
 * it only
 * notes how busy it was, and what is measured is told as not to be trusted.
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
        `The machine is busy before "${what}": others use ${percent} % of its cores. ` +
          'Numbers measured now would say nothing. End what runs, or measure all the same with --force.',
      );
    },
  };
};
