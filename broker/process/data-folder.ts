import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Env } from './config.ts';
import { DEFAULT_PORT } from './ports.ts';

export const portOf = (env: Env): number => Number(env['PORT'] || DEFAULT_PORT);

/** Where a copy keeps its data: one folder per port, so that copies do not meet. */
export const dataFolderOf = (env: Env): string =>
  env['DATA_FOLDER'] || join(process.cwd(), '.payloom', String(portOf(env)));

const pidFileOf = (folder: string): string => join(folder, 'running.pid');

/** A process id may have passed on to another program since; on Linux its command line tells. */
const isPayloom = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').match(/broker\/(process\/)?start\.ts/) !== null;
  } catch {
    return true;
  }
};

/** The process that runs on this data folder, or null. */
export const runningOn = (folder: string): number | null => {
  try {
    const pid = Number(readFileSync(pidFileOf(folder), 'utf8'));
    return pid > 0 && pid !== process.pid && isPayloom(pid) ? pid : null;
  } catch {
    return null;
  }
};

/**
 * Takes a data folder for this process; what a killed process left is taken over.
 * @returns gives it back
 * @throws Error when another process runs on it
 */
export const claimDataFolder = (folder: string): (() => void) => {
  mkdirSync(folder, { recursive: true });
  const pid = runningOn(folder);
  if (pid !== null) {
    throw new Error(`a copy runs on ${folder} already (process ${pid}). For another: PORT=3400 npm start`);
  }
  const file = pidFileOf(folder);
  rmSync(file, { force: true });
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch {
    throw new Error(`another start took ${folder} in this very moment`);
  }
  return () => rmSync(file, { force: true });
};
