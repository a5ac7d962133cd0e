import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

type Line = { level?: string; time?: string; msg?: string; err?: { message?: string } };

const LOUD: readonly string[] = ['warn', 'error', 'fatal'];
const SHOWN = 12;

const lineOf = (text: string): Line | null => {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return null;
  }
};

/**
 * Lines of the supervisor's log about processes that ended by themselves since a time. A killed process has
 * no exit code; a process that finds no database at its start exits on purpose with a message of its own.
 */
export const crashes = (folder: string, sinceMs: number): string[] =>
  readFileSync(join(folder, 'logs', 'supervisor.log'), 'utf8')
    .split('\n')
    .filter(
      (line) => /ended \(code [1-9]\d*\)\. /.test(line) && Date.parse(line.split(' ', 1)[0] ?? '') >= sinceMs,
    );

/** All log files of a stack. */
export const logFilesOf = (folder: string): string[] => {
  const logs = join(folder, 'logs');
  return existsSync(logs) ? readdirSync(logs).map((file) => join(logs, file)) : [];
};

/**
 * Warnings and errors since a time, the most frequent first: count, process, message and its error's message,
 * and the time of the first.
 */
export const summarizeLogs = (files: readonly string[], sinceMs: number, levels = LOUD): string[] => {
  const counts = new Map<string, { count: number; first: string }>();
  for (const file of files) {
    for (const text of existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []) {
      const line = lineOf(text);
      if (!line?.time || !levels.includes(line.level ?? '') || Date.parse(line.time) < sinceMs) continue;
      const unit = basename(file).replace(/\.log.*$/, '');
      const message = `${unit}: ${line.msg}${line.err ? `: ${line.err.message}` : ''}`;
      const known = counts.get(message) ?? { count: 0, first: line.time.slice(11, 23) };
      counts.set(message, { ...known, count: known.count + 1 });
    }
  }
  return [...counts]
    .sort(([, a], [, b]) => b.count - a.count)
    .slice(0, SHOWN)
    .map(([message, { count, first }]) => `${count} × ${message} (first at ${first})`);
};
