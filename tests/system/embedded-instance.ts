import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PORT_OFFSETS } from '../../broker/process/ports.ts';
import { isPortFree } from '../../broker/postgres/embedded-folder.ts';
import { removeEmbeddedPostgres } from '../../broker/postgres/embedded.ts';
import { keepAcks, misbehaveAt, type Acks } from './acks.ts';

/** A running copy of Payloom of our own, with throw-away data, that may be killed and started again. */
export type Copy = Acks & {
  /** Everything that all its processes have logged. */
  logFile: string;
  url: string;
  urls: readonly string[];
  start(): Promise<void>;
  /** kill -9, at once. */
  kill(): Promise<void>;
  /** Tells the processor sandbox to misbehave; null ends it. */
  misbehave(fault: object | null): Promise<void>;
  remove(): Promise<void>;
};

type Secrets = Record<string, string>;

const START_LIMIT_MS = 30_000;
const alive = (child: ChildProcess | null): child is ChildProcess =>
  child !== null && child.exitCode === null;

/** `portOffset` of the services that listen on ports of their own. */
export const SANDBOX_OFFSET = 91;
const REALTIME_OFFSET = 94;

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

/** A port whose followers are free too; below those that the system hands out to connections. */
export const freeBasePort = async (): Promise<number> => {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const wanted = [0, ...Object.values(PORT_OFFSETS), SANDBOX_OFFSET, REALTIME_OFFSET].map((offset) =>
      isPortFree(port + offset),
    );
    if ((await Promise.all(wanted)).every(Boolean)) return port;
  }
};

/** Makes a copy on a port of its own; nothing runs until `start`. */
export const makeCopy = (port: number, extra: Record<string, string> = {}): Copy => {
  const folder = mkdtempSync(join(tmpdir(), 'payloom-faults-'));
  // PostgreSQL runs as another user when we are root, and has to pass through.
  chmodSync(folder, 0o711);
  const env = {
    ...process.env,
    PORT: String(port),
    DATA_FOLDER: folder,
    GATEWAY_LIMITS_OFF: 'true',
    ...extra,
  };
  let child: ChildProcess | null = null;

  const start = async () => {
    const started = spawn(process.execPath, ['broker/process/start.ts'], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    let said = '';
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`not ready in ${START_LIMIT_MS} ms: ${said}`)),
        START_LIMIT_MS,
      );
      const hear = (text: Buffer) => {
        said += text.toString();
        if (said.includes('ready at')) {
          clearTimeout(timer);
          resolve();
        }
      };
      started.stdout.on('data', hear);
      started.stderr.on('data', hear);
      started.once('exit', (code) => reject(new Error(`ended with ${code}: ${said}`)));
    });
  };

  const stop = async (signal: NodeJS.Signals) => {
    if (!alive(child)) return;
    child.kill(signal);
    await ended(child);
  };

  const url = `http://127.0.0.1:${port}`;
  return {
    ...keepAcks(join(folder, 'acks'), env),
    logFile: join(folder, 'payloom.log'),
    url,
    urls: [url],
    start,
    kill: () => stop('SIGKILL'),
    misbehave: (fault) => {
      const secrets = JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')) as Secrets;
      const sandbox = `http://127.0.0.1:${port + SANDBOX_OFFSET}`;
      return misbehaveAt(sandbox, secrets['processor key'] ?? '', fault);
    },
    remove: async () => {
      await stop('SIGTERM');
      await removeEmbeddedPostgres(join(folder, 'postgres'));
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
