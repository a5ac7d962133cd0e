import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeWhole } from './folder.ts';
import { identityOf } from './process-identity.ts';

/** A process of a stack; its identity distinguishes it from a later process with the same id. */
export type RunningProcess = {
  name: string;
  kind: 'server' | 'process';
  pid: number;
  identity: string;
  signal: string;
};

const STOP_LIMIT_MS = 15_000;

const fileOf = (folder: string): string => join(folder, 'running.json');

/** Stores the list of running processes, for the case that their supervisor is killed. */
export const writeProcessList = (folder: string, processes: readonly RunningProcess[]): void =>
  writeWhole(fileOf(folder), processes);

export const deleteProcessList = (folder: string): void => rmSync(fileOf(folder), { force: true });

const isAlive = ({ pid, identity }: RunningProcess): boolean => identityOf(pid) === identity;

const signal = (target: RunningProcess, name: string): void => {
  try {
    if (isAlive(target)) process.kill(target.pid, name);
  } catch {
    // It has ended by itself.
  }
};

const end = async (processes: readonly RunningProcess[]): Promise<void> => {
  for (const one of processes) signal(one, one.signal);
  const endMs = performance.now() + STOP_LIMIT_MS;
  while (processes.some(isAlive) && performance.now() < endMs) await sleep(20);
  for (const one of processes) signal(one, 'SIGKILL');
  while (processes.some(isAlive)) await sleep(20);
};

/** Stops what a killed supervisor left running: services, then servers. @returns the number of processes */
export const stopOrphans = async (folder: string): Promise<number> => {
  if (!existsSync(fileOf(folder))) return 0;
  const processes = (JSON.parse(readFileSync(fileOf(folder), 'utf8')) as RunningProcess[]).filter(isAlive);
  for (const kind of ['process', 'server'] as const) await end(processes.filter((one) => one.kind === kind));
  deleteProcessList(folder);
  return processes.length;
};

/**
 * Locks a stack's folder for one start; the lock of a process that has ended does not count.
 * @returns releases the lock
 * @throws Error while another start holds it
 */
export const lockStart = (folder: string): (() => void) => {
  const file = join(folder, 'starting');
  const [pid = '', ...identity] = existsSync(file) ? readFileSync(file, 'utf8').split(' ') : [];
  if (pid !== '' && identityOf(Number(pid)) === identity.join(' ')) {
    throw new Error(`Another start of this stack is in progress (process ${pid}).`);
  }
  rmSync(file, { force: true });
  try {
    writeFileSync(file, `${process.pid} ${identityOf(process.pid)}`, { flag: 'wx' });
  } catch {
    throw new Error('Another start of this stack has just begun.');
  }
  return () => rmSync(file, { force: true });
};
