import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processEnv } from '../../broker/config.ts';

/** On Debian the program of this name in /usr/sbin insists on being root or `rabbitmq`; this one does not. */
const RABBITMQ_FOLDER = '/usr/lib/rabbitmq/bin';
export const PROGRAMS = { redis: 'redis-server', rabbitmq: 'rabbitmq-server' } as const;

const POLICY = '/usr/sbin/policy-rc.d';

/** The path of a program, or null. */
export const findProgram = (name: string): string | null => {
  const folders = [RABBITMQ_FOLDER, ...(processEnv()['PATH'] ?? '').split(':').filter(Boolean)];
  const paths = folders.map((folder) => join(folder, name));
  return paths.find((path) => existsSync(path)) ?? null;
};

/** Installs Debian packages without starting the services that they bring. */
const aptInstall = (packages: readonly string[]): boolean => {
  const env = { ...processEnv(), DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) =>
    spawnSync('/usr/bin/apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  const keepsStill = !existsSync(POLICY);
  if (keepsStill) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    apt('update', '-qq');
    return apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
  } finally {
    if (keepsStill) rmSync(POLICY, { force: true });
  }
};

/**
 * Makes sure that these server programs are here: on Debian as root missing ones are installed.
 * @throws Error in one sentence that says what to install
 */
export const makeSureOf = (programs: readonly string[], say: (text: string) => void): void => {
  const missing = () => programs.filter((name) => findProgram(name) === null);
  const wanted = missing();
  if (wanted.length === 0) return;
  if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
    const startedMs = performance.now();
    say(`installing ${wanted.join(' and ')} with apt-get (about ten seconds)`);
    aptInstall(wanted);
    if (missing().length === 0) {
      say(`installed in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
      return;
    }
  }
  const names = missing();
  const variables = names.map((name) => (name === PROGRAMS.redis ? 'REDIS_URL' : 'RABBITMQ_URL'));
  throw new Error(
    `${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} not installed: install ` +
      `${names.length > 1 ? 'them' : 'it'} (apt-get install ${names.join(' ')}), ` +
      `or name a server with ${variables.join(' and ')}.`,
  );
};
