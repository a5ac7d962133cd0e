import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { processEnv } from '../../broker/process/config.ts';
import { findNginx } from '../../nginx/program.ts';

/** Debian's wrapper in /usr/sbin runs only as root or `rabbitmq`; the program here runs as any user. */
const RABBITMQ_FOLDER = '/usr/lib/rabbitmq/bin';
export const PROGRAMS = {
  redis: 'redis-server',
  rabbitmq: 'rabbitmq-server',
  prometheus: 'prometheus',
} as const;

/** The path of a program, or null. */
export const findProgram = (name: string): string | null => {
  const folders = [RABBITMQ_FOLDER, ...(processEnv()['PATH'] ?? '').split(':').filter(Boolean)];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
};

/**
 * Checks that the servers which a stack starts are installed; `npm run stack` has tried to install them.
 * @throws Error that says what to install
 */
export const checkPrograms = (needed: { redis: boolean; rabbitmq: boolean; prometheus: boolean }): void => {
  const sentences: string[] = (['redis', 'rabbitmq'] as const)
    .filter((server) => needed[server] && findProgram(PROGRAMS[server]) === null)
    .map(
      (server) =>
        `${PROGRAMS[server]} is not installed: apt-get install ${PROGRAMS[server]}, ` +
        `or name a server with ${server.toUpperCase()}_URL.`,
    );
  if (needed.prometheus && findProgram(PROGRAMS.prometheus) === null)
    sentences.push('prometheus is not installed: apt-get install prometheus, or leave out --observe.');
  if (findNginx() === null) sentences.push('nginx is not installed: apt-get install nginx.');
  if (sentences.length > 0) throw new Error(sentences.join(' '));
};
