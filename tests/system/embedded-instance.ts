import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { isPortFree } from '../../broker/postgres/embedded-folder.ts';
import { removeEmbeddedPostgres } from '../../broker/postgres/embedded.ts';
import { PORT_OFFSETS } from '../../broker/process/ports.ts';

export const root = join(import.meta.dirname, '../..');

/** Access to PostgreSQL as its superuser. */
export type Owned = {
  urlOf(database: string): string;
  /** Uses a connection to a database, payments' unless another is named, and closes it. */
  asOwner<T>(use: (client: Client) => Promise<T>, database?: string): Promise<T>;
};

/** An embedded Payloom: one Node process with a PostgreSQL of its own, on throw-away data. */
export type Instance = Owned & {
  port: number;
  /** Its public URL. */
  url: string;
  /** Where its API is called. */
  urls: readonly string[];
  dataFolder: string;
  /** The log of all its processes, in JSON lines. */
  logFile: string;
  env: Readonly<Record<string, string>>;
  /** 0 before the first start. */
  readonly pid: number;
  /** Milliseconds from spawn to ready. @throws Error with its output when it exits or is not ready in time */
  start(): Promise<number>;
  /** SIGKILL of the Node process; the data stay. */
  kill(): Promise<void>;
  /** SIGTERM, which ends its PostgreSQL as well; the data stay. */
  stop(): Promise<void>;
  /** Stops it and deletes its data. */
  remove(): Promise<void>;
};

type Options = {
  port: number;
  env?: Readonly<Record<string, string>>;
  /** Data of an earlier instance; a new folder otherwise. */
  dataFolder?: string;
  /** `npm start` instead of the program itself. */
  npm?: boolean;
};

const READY = /Payloom is ready/;
const START_LIMIT_MS = 180_000;
const STOP_LIMIT_MS = 15_000;

/** `portOffset` of the services that listen on ports of their own. */
export const SANDBOX_OFFSET = 91;
const REALTIME_OFFSET = 94;

/** A free port whose derived ports are free too, below the range of outgoing connections. */
export const freeBasePort = async (): Promise<number> => {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const wanted = [0, ...Object.values(PORT_OFFSETS), SANDBOX_OFFSET, REALTIME_OFFSET].map((offset) =>
      isPortFree(port + offset),
    );
    if ((await Promise.all(wanted)).every(Boolean)) return port;
  }
};

/** A folder for the data of one instance. PostgreSQL runs as another user when we are root. */
export const makeDataFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'payloom-instance-'));
  chmodSync(folder, 0o711);
  return folder;
};

/** Deletes the data of an instance that has stopped. */
export const removeDataFolder = async (folder: string): Promise<void> => {
  await removeEmbeddedPostgres(join(folder, 'postgres'));
  rmSync(folder, { recursive: true, force: true });
};

/** Superuser access to a PostgreSQL that Payloom has started. @param folder of its secrets */
export const ownerOf = (folder: string, port: number): Owned => {
  const urlOf = (database: string): string => {
    const { owner } = JSON.parse(readFileSync(join(folder, 'postgres-secrets.json'), 'utf8')) as {
      owner: string;
    };
    return `postgres://payloom:${owner}@127.0.0.1:${port}/${database}`;
  };
  const asOwner: Owned['asOwner'] = async (use, database = 'payloom_payments') => {
    const client = new Client({ connectionString: urlOf(database) });
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  };
  return { urlOf, asOwner };
};

const isRunning = (child: ChildProcess | null): child is ChildProcess =>
  child !== null && child.exitCode === null && child.signalCode === null;

const ready = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => reject(new Error(`not ready in time:\n${output}`)), START_LIMIT_MS);
    const settle = (error?: Error) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (READY.test(output)) settle();
      });
    }
    child.once('error', settle);
    child.once('exit', (code) => settle(new Error(`Payloom ended with ${code}:\n${output}`)));
  });

/** Prepares an instance; nothing runs until `start`. */
export const makeInstance = (options: Options): Instance => {
  const { port, npm = false, dataFolder = makeDataFolder() } = options;
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    PORT: String(port),
    DATA_FOLDER: dataFolder,
    ...options.env,
  };
  let child: ChildProcess | null = null;
  const start = async (): Promise<number> => {
    const startedMs = performance.now();
    const [command, args] = npm ? ['npm', ['start']] : [process.execPath, ['broker/process/start.ts']];
    // npm's child ends with npm only as a member of its process group.
    child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: npm });
    await ready(child);
    return performance.now() - startedMs;
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child;
    if (!isRunning(ending)) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    const send = (one: NodeJS.Signals) =>
      npm ? process.kill(-(ending.pid ?? 0), one) : void ending.kill(one);
    send(signal);
    const timer = setTimeout(() => send('SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(timer);
  };
  const stop = () => end('SIGTERM');
  return {
    ...ownerOf(join(dataFolder, 'postgres'), port + PORT_OFFSETS.postgres),
    port,
    url: options.env?.['PUBLIC_URL'] ?? `http://localhost:${port}`,
    urls: [`http://127.0.0.1:${port}`],
    dataFolder,
    logFile: join(dataFolder, 'payloom.log'),
    env,
    get pid() {
      return child?.pid ?? 0;
    },
    start,
    kill: () => end('SIGKILL'),
    stop,
    remove: async () => {
      await stop();
      await removeDataFolder(dataFolder);
    },
  };
};
