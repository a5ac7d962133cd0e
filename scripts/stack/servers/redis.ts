import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { logFileOf } from '../folder.ts';
import { portAnswers, spawnUnit } from '../spawn-unit.ts';
import type { Unit } from '../unit.ts';

type Options = { folder: string; program: string; port: number; password: string };

/** Holds rate limits and the cache. Both may be lost, so nothing is written to disk. */
export const redisUnit = ({ folder, program, port, password }: Options): Unit => {
  const home = join(folder, 'redis');
  const config = join(home, 'redis.conf');
  return {
    name: 'redis',
    kind: 'server',
    what: 'cache and limits',
    address: `127.0.0.1:${port}`,
    logFile: logFileOf(folder, 'redis'),
    stopSignal: 'SIGTERM',
    launch: () => {
      mkdirSync(home, { recursive: true, mode: 0o700 });
      // In a file, because all users of the machine can read command lines.
      const lines = [
        'bind 127.0.0.1',
        `port ${port}`,
        `requirepass ${password}`,
        'save ""',
        'appendonly no',
        'maxmemory 128mb',
        'maxmemory-policy allkeys-lru',
        'daemonize no',
        // The working directory: redis.conf takes no path with a quotation mark in it.
        'dir .',
      ];
      writeFileSync(config, `${lines.join('\n')}\n`, { mode: 0o600 });
      return spawnUnit({
        file: program,
        args: [config],
        env: { LC_ALL: 'C' },
        cwd: home,
        logFile: logFileOf(folder, 'redis'),
      });
    },
    isReady: () => portAnswers(port, Buffer.from(`AUTH ${password}\r\nPING\r\n`), '+OK'),
  };
};
