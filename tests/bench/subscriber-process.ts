import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../system/embedded-instance.ts';
import type { BenchStack } from './bench-stack.ts';
import type { Handled } from './subscriber.service.ts';

const DATABASE = 'bench_subscriber';

export type Subscriber = {
  pid: number;
  /** The events handled since the last call. */
  take(): Promise<Handled[]>;
  stop(): Promise<void>;
};

/** Starts the subscriber beside a stack, with a database of its own on the stack's PostgreSQL. */
export const startSubscriber = async ({ asOwner, urlOf, stack }: BenchStack): Promise<Subscriber> => {
  await asOwner(async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (!rowCount) await client.query(`create database ${DATABASE}`);
  }, 'postgres');
  const child = fork(join(import.meta.dirname, 'subscriber.ts'), {
    cwd: root,
    execArgv: [],
    env: {
      PATH: process.env.PATH,
      RABBITMQ_URL: stack.env['RABBITMQ_URL'],
      SUBSCRIBER_DATABASE_URL: urlOf(DATABASE),
      SERVICE_KEY_SUBSCRIBER: randomBytes(32).toString('base64url'),
    },
  });
  const kill = () => void child.kill();
  process.once('exit', kill);
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`the subscriber ended with ${String(code)}`);
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
