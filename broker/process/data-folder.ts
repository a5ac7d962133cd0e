import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Env } from './config.ts';
import { readProcessSettings } from './process-settings.ts';

/** @throws ConfigError when PORT is none */
export const portOf = (env: Env): number => readProcessSettings(env).port;

/** The data folder of an instance: one per port, so that instances do not share data. */
export const dataFolderOf = (env: Env): string =>
  env['DATA_FOLDER'] || join(process.cwd(), '.payloom', String(portOf(env)));

const pidFileOf = (folder: string): string => join(folder, 'running.pid');

/** The process id may have been reused by another program; on Linux the command line shows it. */
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
 * Claims a data folder for this process, also from a process that was killed.
 * @returns releases it
 * @throws Error when another process runs on it
 */
export const claimDataFolder = (folder: string): (() => void) => {
  mkdirSync(folder, { recursive: true });
  const pid = runningOn(folder);
  if (pid !== null) {
    throw new Error(`process ${pid} already uses ${folder}. To run another instance: PORT=3400 npm start`);
  }
  const file = pidFileOf(folder);
  rmSync(file, { force: true });
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch {
    throw new Error(`another process has just started on ${folder}`);
  }
  return () => rmSync(file, { force: true });
};
