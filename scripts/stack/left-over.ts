import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { writeWhole } from './folder.ts';
import { identityOf } from './process-identity.ts';

/** A process that was started here, told apart from a later one with the same id. */
export type Mark = {
  name: string;
  kind: 'server' | 'process';
  pid: number;
  identity: string;
  signal: string;
};

const STOP_LIMIT_MS = 15_000;

const fileOf = (folder: string): string => join(folder, 'running.json');

/** Writes down what runs, so that it is found when its supervisor is gone. */
export const writeMarks = (folder: string, marks: readonly Mark[]): void => writeWhole(fileOf(folder), marks);

export const forgetMarks = (folder: string): void => rmSync(fileOf(folder), { force: true });

const isAlive = ({ pid, identity }: Mark): boolean => identityOf(pid) === identity;

const signal = (mark: Mark, name: string): void => {
  try {
    if (isAlive(mark)) process.kill(mark.pid, name);
  } catch {
    // It has ended by itself.
  }
};

const end = async (marks: readonly Mark[]): Promise<void> => {
  for (const mark of marks) signal(mark, mark.signal);
  const endMs = performance.now() + STOP_LIMIT_MS;
  while (marks.some(isAlive) && performance.now() < endMs) await wait(20);
  for (const mark of marks) signal(mark, 'SIGKILL');
  while (marks.some(isAlive)) await wait(20);
};

/** Ends what a killed supervisor left running: services first, then servers. Answers how many there were. */
export const endLeftOvers = async (folder: string): Promise<number> => {
  if (!existsSync(fileOf(folder))) return 0;
  const marks = (JSON.parse(readFileSync(fileOf(folder), 'utf8')) as Mark[]).filter(isAlive);
  for (const kind of ['process', 'server'] as const) await end(marks.filter((mark) => mark.kind === kind));
  forgetMarks(folder);
  return marks.length;
};

/**
 * Lets one start at a time work on a folder; what a killed one left does not count.
 * @returns gives it back
 * @throws Error when another start is at work
 */
export const claimStart = (folder: string): (() => void) => {
  const file = join(folder, 'starting');
  const [pid = '', ...identity] = existsSync(file) ? readFileSync(file, 'utf8').split(' ') : [];
  if (pid !== '' && identityOf(Number(pid)) === identity.join(' ')) {
    throw new Error(`Another start of this stack is going on (process ${pid}).`);
  }
  rmSync(file, { force: true });
  try {
    writeFileSync(file, `${process.pid} ${identityOf(process.pid)}`, { flag: 'wx' });
  } catch {
    throw new Error('Another start of this stack began in this very moment.');
  }
  return () => rmSync(file, { force: true });
};
