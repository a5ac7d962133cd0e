import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { processEnv } from '../../broker/process/config.ts';

/** On Debian the program of this name in /usr/sbin insists on being root or `rabbitmq`; this one does not. */
const RABBITMQ_FOLDER = '/usr/lib/rabbitmq/bin';
export const PROGRAMS = { redis: 'redis-server', rabbitmq: 'rabbitmq-server' } as const;

/** The path of a program, or null. */
export const findProgram = (name: string): string | null => {
  const folders = [RABBITMQ_FOLDER, ...(processEnv()['PATH'] ?? '').split(':').filter(Boolean)];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
};

/**
 * Looks for the servers that a stack starts itself; `npm run stack` has installed them where it can.
 * @throws Error in one sentence that says what to install
 */
export const checkPrograms = (needed: { redis: boolean; rabbitmq: boolean }): void => {
  const sentences = (['redis', 'rabbitmq'] as const)
    .filter((server) => needed[server] && findProgram(PROGRAMS[server]) === null)
    .map(
      (server) =>
        `${PROGRAMS[server]} is not installed: apt-get install ${PROGRAMS[server]}, ` +
        `or name a server with ${server.toUpperCase()}_URL.`,
    );
  if (sentences.length > 0) throw new Error(sentences.join(' '));
};
