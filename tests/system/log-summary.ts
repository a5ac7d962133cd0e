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
 * Processes that ended since a time in the midst of their work, as the supervisor wrote it. Whoever is killed
 * has no code; who finds no database at its start says so and ends.
 */
export const crashes = (folder: string, sinceMs: number): string[] =>
  readFileSync(join(folder, 'logs', 'supervisor.log'), 'utf8')
    .split('\n')
    .filter(
      (line) => /ended \(code [1-9]\d*\)\. /.test(line) && Date.parse(line.split(' ', 1)[0] ?? '') >= sinceMs,
    );

export const logFilesOf = (folder: string): string[] => {
  const logs = join(folder, 'logs');
  return existsSync(logs) ? readdirSync(logs).map((file) => join(logs, file)) : [];
};

/**
 * What processes have warned of since a time, the most frequent first: how often, whose, the sentence and its
 * error's, since when. A system that was broken leaves nothing else to look into.
 */
export const logWords = (files: readonly string[], sinceMs: number, levels = LOUD): string[] => {
  const counts = new Map<string, { count: number; first: string }>();
  for (const file of files) {
    for (const text of existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []) {
      const line = lineOf(text);
      if (!line?.time || !levels.includes(line.level ?? '') || Date.parse(line.time) < sinceMs) continue;
      const whose = basename(file).replace(/\.log.*$/, '');
      const words = `${whose}: ${line.msg}${line.err ? `: ${line.err.message}` : ''}`;
      const known = counts.get(words) ?? { count: 0, first: line.time.slice(11, 23) };
      counts.set(words, { ...known, count: known.count + 1 });
    }
  }
  return [...counts]
    .sort(([, a], [, b]) => b.count - a.count)
    .slice(0, SHOWN)
    .map(([words, { count, first }]) => `${count} × ${words} (first at ${first})`);
};
