import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { createConnection } from 'node:net';
import type { Spawned } from './unit.ts';

const LOG_LIMIT_BYTES = 50_000_000;
const OUTPUT_MAX_LENGTH = 400;

type Program = {
  file: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
  logFile: string;
  /** When it has ended, what it has started and not stopped is killed. */
  ownGroup?: boolean;
};

const killGroup = (leader: number): void => {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
};

/** Starts a program with its output in its log file; a log above 50 MB is rotated first. */
export const spawnUnit = ({ file, args, env, cwd, logFile, ownGroup = false }: Program): Promise<Spawned> =>
  new Promise((resolve, reject) => {
    if (existsSync(logFile) && statSync(logFile).size > LOG_LIMIT_BYTES) renameSync(logFile, `${logFile}.1`);
    const log = openSync(logFile, 'a', 0o600);
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', log, log], detached: ownGroup });
    closeSync(log);
    child.once('error', (error) => reject(new Error(`${file} cannot be run: ${error.message}`)));
    child.once('spawn', () => {
      const exited = new Promise<string>((ended) => {
        child.once('exit', (code, signal) => {
          if (ownGroup) killGroup(child.pid as number);
          ended(signal ?? `code ${code}`);
        });
      });
      resolve({ pid: child.pid as number, exited });
    });
  });

/** The size of a log before a start, so that only output of this start is read. */
export const sizeOf = (file: string): number => (existsSync(file) ? statSync(file).size : 0);

const readFrom = (file: string, offset: number): string =>
  existsSync(file) ? readFileSync(file).subarray(offset).toString('utf8') : '';

const messageOf = (line: string): string => {
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    return [msg, err?.message].filter(Boolean).join(': ');
  } catch {
    return line.trim();
  }
};

/** The last output of a program: the text at its end, or its last log line. */
export const lastOutputOf = (file: string, offset: number): string => {
  const lines = readFrom(file, offset)
    .split('\n')
    .filter((line) => line.trim() !== '');
  let start = lines.length;
  while (start > 0 && lines.length - start < 6 && !lines[start - 1]?.startsWith('{')) start--;
  const sentence = start < lines.length ? lines.slice(start) : lines.slice(-1);
  return sentence.map(messageOf).join(' ').slice(0, OUTPUT_MAX_LENGTH);
};

/**
 * Connects to a port of 127.0.0.1, sends a greeting and waits for the answer.
 * @param greeting null: an open port is enough
 * @param expected what the answer must begin with; null accepts any answer
 */
export const portAnswers = (
  port: number,
  greeting: Buffer | null,
  expected: string | null,
): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, timeout: 500 }, () => {
      if (greeting === null) return end(true);
      socket.write(greeting);
    });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (data) => end(expected === null || data.toString('latin1').startsWith(expected)));
    for (const failure of ['error', 'timeout', 'close'] as const) socket.once(failure, () => end(false));
  });
