import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LOG_LEVELS, logLevelChange, type LogLevelChange } from '../../shared/contracts/operations.ts';
import type { Logger } from './logger.ts';

/** The levels of a process's lines, by service. */
export type LogLevels = {
  /** Changes the level of one service for a time, after which it is as it was at the start. */
  change(service: string, change: LogLevelChange): void;
};

/** Calls back after the delay; returns the cancellation. */
type After = (delayMs: number, run: () => void) => () => void;

const afterReally: After = (delayMs, run) => {
  const timer = setTimeout(run, delayMs).unref();
  return () => clearTimeout(timer);
};

/** @param logs of the services of the process, with the level with which it started */
export const logLevels = (logs: ReadonlyMap<string, Logger>, after: After = afterReally): LogLevels => {
  const before = new Map([...logs].map(([service, log]) => [service, log.level]));
  const cancels = new Map<string, () => void>();
  return {
    change: (service, { level, minutes }) => {
      const log = logs.get(service);
      if (!log) return;
      cancels.get(service)?.();
      log.level = level;
      log[level]({ logged: level, minutes }, 'the log level was changed');
      const end = (): void => void (log.level = before.get(service) ?? level);
      cancels.set(service, after(minutes * 60_000, end));
    },
  };
};

/** The request to an instance to change a level; the instance deletes it once that is done. */
export const levelFileOf = (dataFolder: string): string => join(dataFolder, 'log-level.json');

/**
 * Changes levels as a file in the data folder says, on SIGUSR2: only who owns the process can send the signal
 * and write the file.
 */
export const obeyLevelFile = (dataFolder: string, levels: LogLevels, log: Pick<Logger, 'warn'>): void => {
  process.on('SIGUSR2', () => {
    const file = levelFileOf(dataFolder);
    try {
      if (!existsSync(file)) return;
      const { service, ...change } = JSON.parse(readFileSync(file, 'utf8')) as { service: string };
      levels.change(service, logLevelChange.parse(change));
      rmSync(file);
    } catch (error) {
      log.warn({ err: error, levels: LOG_LEVELS }, 'the log level was not changed');
    }
  });
};
