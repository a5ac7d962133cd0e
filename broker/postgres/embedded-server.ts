import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  chownSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPortFree, type ClusterFolder } from './embedded-folder.ts';

/** The superuser of the embedded server. */
export const OWNER = 'payloom';

export type RunningServer = { pid: number; port: number; ready: boolean };

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  fsync: 'on',
  synchronous_commit: 'on',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
};

const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 20_000;
const LOG_LIMIT_BYTES = 10_000_000;

const asUser = (folder: ClusterFolder) => ({
  ...(folder.user ?? {}),
  cwd: folder.home,
  env: { LC_ALL: 'C', TZ: 'UTC' },
});
const program = (folder: ClusterFolder, name: string): string => {
  const path = join(folder.programs, 'bin', name);
  // npm may unpack without the executable bit.
  if ((statSync(path).mode & 0o555) !== 0o555) chmodSync(path, 0o755);
  return path;
};

/**
 * Creates the database cluster with its superuser.
 * @throws Error with initdb's message
 */
export const initCluster = (folder: ClusterFolder, ownerPassword: string): void => {
  const passwordFile = join(folder.home, 'owner-password');
  writeFileSync(passwordFile, ownerPassword, { mode: 0o600 });
  try {
    if (folder.user !== null) chownSync(passwordFile, folder.user.uid, folder.user.gid);
    const done = spawnSync(
      program(folder, 'initdb'),
      [
        `--pgdata=${folder.cluster}`,
        `--username=${OWNER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // The built-in provider sorts and folds case in the same way on every machine.
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        ...(process.platform === 'linux' ? ['--lc-ctype=C.UTF-8'] : []),
      ],
      { ...asUser(folder), encoding: 'utf8' },
    );
    if (done.status === 0) return;
    // The next start would take an incomplete cluster for a complete one.
    rmSync(folder.cluster, { recursive: true, force: true });
    throw new Error(`initdb failed: ${done.error?.message ?? done.stderr.trim()}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
};

/** The running server of this cluster, by its postmaster.pid, or null. */
export const runningServer = (folder: ClusterFolder): RunningServer | null => {
  const lines = read(join(folder.cluster, 'postmaster.pid')).split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !isPostgres(pid)) return null;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
};

/** After a reboot the pid in an old file may belong to any program. */
const isPostgres = (pid: number): boolean => {
  if (process.platform === 'linux') return /^[^\0]*postgres\0/.test(read(`/proc/${pid}/cmdline`));
  return spawnSync('ps', ['-p', String(pid), '-o', 'comm='], { encoding: 'utf8' }).stdout.includes(
    'postgres',
  );
};

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** Starts the server of a cluster in a session of its own and waits until it is ready. */
export const startServer = async (
  folder: ClusterFolder,
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<void> => {
  if (!(await isPortFree(port))) {
    throw new Error(
      `Port ${port}, where PostgreSQL is to listen, is in use by another program. ` +
        'Free it or choose another PORT.',
    );
  }
  // Left by a dead server; its pid may belong to another program, which would prevent the start.
  rmSync(join(folder.cluster, 'postmaster.pid'), { force: true });
  const deadlineMs = performance.now() + START_DEADLINE_MS;
  for (;;) {
    const failure = await tryStart(folder, port, settings, deadlineMs);
    if (failure === null) return;
    // After a kill -9 PostgreSQL's children hold the shared memory for a moment.
    if (!failure.includes('shared memory block') || performance.now() > deadlineMs) {
      throw new Error(`PostgreSQL did not start: ${failure}`);
    }
    await sleep(100);
  }
};

const tryStart = async (
  folder: ClusterFolder,
  port: number,
  settings: Readonly<Record<string, string>>,
  deadlineMs: number,
): Promise<string | null> => {
  const logPath = join(folder.home, 'postgres.log');
  const sizeBytes = read(logPath).length;
  const log = openSync(logPath, sizeBytes > LOG_LIMIT_BYTES ? 'w' : 'a', 0o600);
  const logStart = sizeBytes > LOG_LIMIT_BYTES ? 0 : sizeBytes;
  const options = Object.entries({ ...SETTINGS, ...settings, port: String(port) });
  let ended: string | null = null;
  // `detached`: Ctrl-C reaches only our process, which stops the services before PostgreSQL.
  const child = spawn(
    program(folder, 'postgres'),
    ['-D', folder.cluster, ...options.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...asUser(folder), detached: true, stdio: ['ignore', log, log] },
  );
  closeSync(log);
  child.once('error', (error) => (ended = error.message));
  child.once(
    'exit',
    (code) => (ended = read(logPath).slice(logStart).trim() || `it ended with code ${code}`),
  );
  child.unref();
  while (ended === null && performance.now() < deadlineMs) {
    const server = runningServer(folder);
    if (server?.ready && server.pid === child.pid) return null;
    await sleep(5);
  }
  return ended ?? 'it was not ready in time';
};

/** Stops the server of this cluster, if one runs: clients are disconnected, committed data is on disk. */
export const stopServer = async (folder: ClusterFolder): Promise<void> => {
  const server = runningServer(folder);
  if (server === null) return;
  // SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one (which recovers from the log next time).
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    try {
      process.kill(server.pid, signal);
    } catch {
      return;
    }
    const deadlineMs = performance.now() + STOP_DEADLINE_MS;
    while (performance.now() < deadlineMs) {
      if (runningServer(folder)?.pid !== server.pid) return;
      await sleep(10);
    }
  }
  throw new Error(`PostgreSQL (process ${server.pid}) does not stop.`);
};
