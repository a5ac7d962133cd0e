import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import type { BenchStack } from './bench-stack.ts';
import type { Handled } from './hearer.service.ts';
import { root } from './payloom.ts';

const DATABASE = 'bench_hearer';

export type Hearer = {
  pid: number;
  /** What it has handled since the last time it was asked. */
  take(): Promise<Handled[]>;
  stop(): Promise<void>;
};

/** Starts the hearing room beside a stack, on a database of its own on the stack's PostgreSQL. */
export const startHearer = async ({ asOwner, urlOf, stack }: BenchStack): Promise<Hearer> => {
  await asOwner(async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (!rowCount) await client.query(`create database ${DATABASE}`);
  }, 'postgres');
  const child = fork(join(import.meta.dirname, 'hearer.ts'), {
    cwd: root,
    execArgv: [],
    env: {
      PATH: process.env.PATH,
      RABBITMQ_URL: stack.env['RABBITMQ_URL'],
      HEARER_DATABASE_URL: urlOf(DATABASE),
      ROOM_KEY_HEARER: randomBytes(32).toString('base64url'),
    },
  });
  const kill = () => void child.kill();
  process.once('exit', kill);
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`the hearing room ended with ${String(code)}`);
  });
  failed.catch(() => undefined);
  await Promise.race([once(child, 'message'), failed]);
  return {
    pid: child.pid as number,
    take: async () => {
      child.send('take');
      const [handled] = (await Promise.race([once(child, 'message'), failed])) as [Handled[]];
      return handled;
    },
    stop: async () => {
      process.off('exit', kill);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
};
