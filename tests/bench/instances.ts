import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { removeEmbeddedPostgres } from '../../broker/postgres/embedded.ts';
import { PORT_OFFSETS } from '../../broker/process/ports.ts';

export const root = join(import.meta.dirname, '../..');
export const PASSWORD = 'Bench-mark-2026!';

export type Copy = {
  pid: number;
  port: number;
  url: string;
  dataFolder: string;
  /** From starting the process to its saying that it is ready. */
  startMs: number;
  /**
   * Runs statements as the superuser of the embedded server, in a service's database unless another is named.
   */
  asOwner<T>(use: (client: Client) => Promise<T>, database?: string): Promise<T>;
  urlOf(database: string): string;
  /** Ends the process and its PostgreSQL; the data stay. */
  stop(): Promise<void>;
};

/** Folders that are to be gone when the benches end, however they end. */
const folders = new Set<string>();
const running = new Set<Copy>();

/** A folder for the data of one copy. */
export const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'payloom-bench-'));
  // PostgreSQL runs as another user when we are root.
  chmodSync(folder, 0o755);
  folders.add(folder);
  return folder;
};

/** What else is to end with the benches. */
const endings = new Set<() => Promise<void>>();

/** Runs `end` when the benches end, however they end, unless it is taken back. */
export const endWithBenches = (end: () => Promise<void>): (() => void) => {
  endings.add(end);
  return () => void endings.delete(end);
};

/** Ends every copy that still runs and deletes all data. */
export const cleanUp = async (): Promise<void> => {
  for (const end of endings) await end();
  endings.clear();
  for (const copy of running) await copy.stop();
  for (const folder of folders) {
    await removeEmbeddedPostgres(join(folder, 'postgres'));
    rmSync(folder, { recursive: true, force: true });
  }
  folders.clear();
};

const READY = /Payloom is ready/;
const START_LIMIT_MS = 180_000;
const STOP_LIMIT_MS = 15_000;

type Start = {
  command: string;
  args: string[];
  port: number;
  dataFolder: string;
  env: Record<string, string>;
};

const untilReady = ({ command, args, port, dataFolder, env }: Start) => {
  const startedMs = performance.now();
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    // Nothing of our own surroundings but what a program needs to be found.
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: String(port),
      DATA_FOLDER: dataFolder,
      ...env,
    },
  });
  const ready = new Promise<number>((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => reject(new Error(`not ready in time:\n${output}`)), START_LIMIT_MS);
    const read = (text: string) => {
      output += text;
      if (!READY.test(output)) return;
      clearTimeout(timer);
      resolve(performance.now() - startedMs);
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Payloom ended with ${code}:\n${output}`)));
  });
  return { child, ready };
};

const ownerOf = (dataFolder: string, port: number) => {
  const urlOf = (database: string): string => {
    const file = join(dataFolder, 'postgres/postgres-secrets.json');
    const { owner } = JSON.parse(readFileSync(file, 'utf8')) as { owner: string };
    return `postgres://payloom:${owner}@127.0.0.1:${port + PORT_OFFSETS.postgres}/${database}`;
  };
  const asOwner: Copy['asOwner'] = async (use, database = 'payloom_payments') => {
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

/**
 * Starts a copy of Payloom as a person would: one Node process with a PostgreSQL of its own, on throw-away
 * data.
 */
export const startPayloom = async (options: {
  port: number;
  dataFolder: string;
  env?: Record<string, string>;
  /** `npm start` instead of the program itself. */
  npm?: boolean;
}): Promise<Copy> => {
  const { port, dataFolder, env = {}, npm = false } = options;
  const [command, args] = npm ? ['npm', ['start']] : [process.execPath, ['broker/process/start.ts']];
  const { child, ready } = untilReady({ command, args, port, dataFolder, env });
  const pid = child.pid ?? 0;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    if (!running.delete(copy)) return;
    if (child.exitCode === null) process.kill(-pid, 'SIGTERM');
    const timer = setTimeout(() => process.kill(-pid, 'SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(timer);
  };
  const url = `http://localhost:${port}`;
  const copy: Copy = { pid, port, url, dataFolder, startMs: 0, ...ownerOf(dataFolder, port), stop };
  running.add(copy);
  copy.startMs = await ready;
  return copy;
};

/** What the benches start copies with: nothing but what is measured, limits off. */
export const BENCH_ENV = { DEMO_DATA: 'false', GATEWAY_LIMITS_OFF: 'true' };

/** Where an API is, and the origin that it knows itself by. */
export type Api = Pick<Copy, 'port' | 'url'>;

const ask = async <T>(copy: Api, path: string, token: string | null, body?: unknown): Promise<T> => {
  const response = await fetch(`http://127.0.0.1:${copy.port}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json', origin: copy.url }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
};

export type Person = { id: string; email: string };

/** Makes an account. */
export const register = async (copy: Api, email: string, role: 'CUSTOMER' | 'VENDOR'): Promise<Person> => {
  const name = role === 'VENDOR' ? 'Bench Vendor' : 'Bench Customer';
  const body = { email, name, role, password: PASSWORD };
  const { user } = await ask<{ user: Person }>(copy, '/api/auth/register', null, body);
  return { id: user.id, email };
};

/** A fresh access token; one lives ten minutes. */
export const tokenOf = async (copy: Api, { email }: Person): Promise<string> =>
  (await ask<{ accessToken: string }>(copy, '/api/auth/tokens', null, { email, password: PASSWORD }))
    .accessToken;

/** One GET of the API. */
export const read = <T>(copy: Api, path: string, token: string | null): Promise<T> =>
  ask<T>(copy, path, token);

/**
 * Takes the relay's right to read the outbox, so that events stay where they are while something is measured:
 * it tries
 * twice a second in vain and costs nothing else.
 */
export const holdEventsBack = (copy: Pick<Copy, 'asOwner'>): Promise<void> =>
  copy.asOwner(async (client) => {
    await client.query('revoke select, update, delete on outbox from payloom_payments');
  });

/** Gives the relay its right back. */
export const letEventsGo = (copy: Pick<Copy, 'asOwner'>): Promise<void> =>
  copy.asOwner(async (client) => {
    await client.query('grant select, update, delete on outbox to payloom_payments');
  });
