import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { processEnv } from '../broker/process/config.ts';

const run = promisify(execFile);

/** The path of nginx, or null. Debian's is in a folder that is on the path of root alone. */
export const findNginx = (): string | null => {
  const folders = [...(processEnv()['PATH'] ?? '').split(':').filter(Boolean), '/usr/sbin'];
  return folders.map((folder) => join(folder, 'nginx')).find((path) => existsSync(path)) ?? null;
};

/** The version of nginx, such as 1.22.1. */
export const versionOf = async (program: string): Promise<string> => {
  const { stderr } = await run(program, ['-v']);
  return /nginx\/([\d.]+)/.exec(stderr)?.[1] ?? '';
};

/** Arguments that run nginx in the foreground with the configuration in a folder, which it also writes to. */
export const argumentsFor = (folder: string): string[] => {
  // Workers of root would be `nobody`, who may not be able to read the project's folder.
  const user = process.getuid?.() === 0 ? ' user root;' : '';
  return ['-p', `${folder}/`, '-c', join(folder, 'nginx.conf'), '-g', `daemon off;${user}`];
};

/** @throws Error with nginx's first complaint about the configuration in a folder */
export const checkConfiguration = async (program: string, folder: string): Promise<void> => {
  await run(program, ['-t', ...argumentsFor(folder)]).catch((error: unknown) => {
    const { stderr = '', message } = error as Error & { stderr?: string };
    const complaint = /^nginx: \[emerg\] (.*)$/m.exec(stderr)?.[1] ?? message;
    throw new Error(`nginx refuses its configuration: ${complaint}`, { cause: error });
  });
};
