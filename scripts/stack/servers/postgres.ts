import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clusterFolderOf } from '../../../broker/postgres/embedded-folder.ts';
import { runningServer } from '../../../broker/postgres/embedded-server.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../../broker/postgres/embedded.ts';
import { ensureDatabase, ensureLogin } from '../../ensure-database.ts';
import { logFileOf, secretOf, type StackState } from '../folder.ts';
import { identityOf } from '../process-identity.ts';
import { portAnswers } from '../spawn-unit.ts';
import type { Unit } from '../unit.ts';

/** Enough for the pools of a stack that has been scaled up. */
const SETTINGS = { max_connections: '400' };
const WATCH_MS = 50;
/** PostgreSQL answers `S` or `N` to a request for TLS as soon as it accepts connections. */
const TLS_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

export const postgresFolderOf = (folder: string): string => join(folder, 'postgres');

const ended = async (pid: number): Promise<string> => {
  const identity = identityOf(pid);
  while (identity !== null && identityOf(pid) === identity) await sleep(WATCH_MS);
  return 'found dead';
};

type Postgres = { unit: Unit; server: () => Pick<EmbeddedPostgres, 'ensureService' | 'ensureLogin'> };

/** The PostgreSQL from npm. It is not a child of this process, so its end is polled for. */
export const postgresUnit = (folder: string, port: number, say: (text: string) => void): Postgres => {
  let server: EmbeddedPostgres | null = null;
  const dataFolder = postgresFolderOf(folder);
  const unit: Unit = {
    name: 'postgres',
    kind: 'server',
    what: 'a database per service',
    address: `127.0.0.1:${port}`,
    logFile: logFileOf(folder, 'postgres'),
    // Fast shutdown: SIGTERM would wait for every client to leave.
    stopSignal: 'SIGINT',
    launch: async () => {
      const log = { info: () => undefined, warn: say };
      server = await startEmbeddedPostgres({ dataFolder, port, log, settings: SETTINGS });
      const pid = runningServer(clusterFolderOf(dataFolder))?.pid;
      if (pid === undefined) throw new Error('PostgreSQL ended right after its start');
      return { pid, exited: ended(pid) };
    },
    isReady: () => portAnswers(port, TLS_REQUEST, 'N'),
  };
  return {
    unit,
    server: () => {
      if (server === null) throw new Error('PostgreSQL is not started');
      return server;
    },
  };
};

/**
 * Makes the services' databases and roles on a server of the operator's.
 * @param ownerUrl address with a login that may create databases, roles and extensions
 */
export const serverAt = (ownerUrl: string, state: StackState): ReturnType<Postgres['server']> => {
  const addressOf = (service: string, login: string): string => {
    const name = (one: string) => `payloom_${state.name}_${one}`.replaceAll('-', '_');
    const url = new URL(ownerUrl);
    url.pathname = `/${name(service)}`;
    [url.username, url.password] = [name(login), secretOf(state, `postgres password of ${login}`)];
    return url.href;
  };
  return {
    ensureService: async (service) => {
      const url = addressOf(service, service);
      await ensureDatabase(ownerUrl, url);
      return url;
    },
    ensureLogin: async (service) => {
      const url = addressOf(service, `${service}_service`);
      await ensureLogin(ownerUrl, url);
      return url;
    },
  };
};
