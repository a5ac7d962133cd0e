import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Env } from '../../broker/process/config.ts';
import { isPortFree } from '../../broker/postgres/embedded-folder.ts';
import { findProgram, PROGRAMS } from '../stack/programs.ts';
import { fine, wrong, type Finding } from './finding.ts';

const OLDEST_NODE = 22;
const OLDEST_NPM = 11;
const GB = 1024 ** 3;
const FREE_MIN_BYTES = 2 * GB;
const FREE_MIN_SHARE = 0.05;
/** Each program with what it is needed for. */
const NEEDED = {
  [PROGRAMS.redis]: 'npm run stack',
  [PROGRAMS.rabbitmq]: 'npm run stack',
  openssl: 'npm run tls',
};

const majorOf = (version: string): number => Number(version.split('.')[0]);

/** Node and npm. @param env `npm_config_user_agent` is set by npm */
export const checkTools = (env: Env, node = process.versions.node): Finding[] => {
  const npm = /npm\/(\S+)/.exec(env['npm_config_user_agent'] ?? '')?.[1];
  return [
    majorOf(node) >= OLDEST_NODE
      ? fine('node', `Node.js ${node} runs Payloom.`)
      : wrong('node', `Node.js ${node} is too old.`, 'Run npm ci: it brings Node.js 24.'),
    ...(npm === undefined
      ? []
      : [
          majorOf(npm) >= OLDEST_NPM
            ? fine('npm', `npm ${npm} is installed.`)
            : wrong('npm', `npm ${npm} is too old.`, `npm install --global npm@${OLDEST_NPM}`),
        ]),
  ];
};

/** The programs that a stack and its certificates need. */
export const checkPrograms = (find = findProgram): Finding[] =>
  Object.entries(NEEDED).map(([program, command]) =>
    find(program)
      ? fine('programs', `${program} is installed.`)
      : wrong('programs', `${program} is not installed; ${command} needs it.`, `apt-get install ${program}`),
  );

/** The folder, or the nearest one above it that exists. */
const existing = (folder: string): string => (existsSync(folder) ? folder : existing(dirname(folder)));

/** The space on the disk of a folder. */
export const checkDisk = async (folder: string, minBytes = FREE_MIN_BYTES): Promise<Finding[]> => {
  const path = existing(folder);
  const { bavail, blocks, bsize } = await statfs(path);
  const free = bavail * bsize;
  const all = blocks * bsize;
  const text = `${(free / GB).toFixed(1)} GB of ${(all / GB).toFixed(0)} GB are free at ${path}.`;
  if (free >= minBytes && bavail / blocks >= FREE_MIN_SHARE) return [fine('disk', text)];
  const remedy = 'Free some space or enlarge the disk: PostgreSQL and RabbitMQ stop when it is full.';
  return [wrong('disk', text, remedy)];
};

/** Whether what is about to start finds its ports free. @param remedy for a port that is taken */
export const checkPorts = async (ports: readonly number[], remedy: string): Promise<Finding[]> => {
  const taken: number[] = [];
  for (const port of ports) if (!(await isPortFree(port))) taken.push(port);
  if (taken.length === 0) return [fine('ports', `The ports ${ports.join(', ')} are free.`)];
  return [wrong('ports', `In use by another program: ${taken.join(', ')}.`, remedy)];
};
