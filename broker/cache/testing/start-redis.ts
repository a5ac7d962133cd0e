import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../postgres/embedded-folder.ts';
import { eventually } from '../../testing/eventually.ts';

export type TestRedis = {
  url: string;
  port: number;
  /** Freezes it (SIGSTOP): connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
  /** Kills it (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty except for data stored with SAVE. */
  start(): Promise<void>;
  /** Kills it and deletes its data. */
  end(): Promise<void>;
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', () => resolve(true)).once('error', () => resolve(false));
    socket.once('data', () => socket.destroy());
  });

/** A redis-server for one test, in memory, on a free port and in its own folder. */
export const startRedis = async (...options: string[]): Promise<TestRedis> => {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'payloom-redis-'));
  let server: ChildProcess | null = null;

  const start = async () => {
    const fixed = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const started = spawn('redis-server', [...fixed, ...options], { stdio: 'ignore', cwd: folder });
    server = started;
    let failure: Error | null = null;
    started.once('error', () => {
      failure = new Error(
        'redis-server could not be started: is it installed (apt-get install redis-server)?',
      );
    });
    await eventually(() => {
      if (failure) throw failure;
      return answers(port);
    });
  };
  const kill = async () => {
    const killed = server;
    server = null;
    if (!killed || killed.exitCode !== null || killed.signalCode !== null) return;
    const ended = new Promise((resolve) => killed.once('exit', resolve));
    killed.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pause: () => void server?.kill('SIGSTOP'),
    resume: () => void server?.kill('SIGCONT'),
    kill,
    start,
    end: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
