import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { makeHome, clusterFolderOf, type ClusterFolder } from './embedded-folder.ts';
import { initCluster, OWNER, runningServer, startServer, stopServer } from './embedded-server.ts';

export type EmbeddedPostgres = {
  port: number;
  /** URL of the superuser on the database `postgres`; for tests and maintenance, never for a service. */
  ownerUrl: string;
  /** Creates the service's database and role if missing. Returns the service's URL. */
  ensureService(service: string): Promise<string>;
  /** Creates a second role for the service's database, which owns nothing there. Returns its URL. */
  ensureLogin(service: string): Promise<string>;
  /** Stops the server: committed data is on disk, remaining connections are closed. */
  stop(): Promise<void>;
};

export type EmbeddedOptions = {
  /** Holds secrets and data; folders outside it (see `clusterFolderOf`) are named after it. */
  dataFolder: string;
  port: number;
  log: { info(message: string): void; warn(message: string): void };
  /** Additional PostgreSQL settings; tests turn fsync off. */
  settings?: Readonly<Record<string, string>>;
};

type Secrets = { owner: string; services: Record<string, string> };

/**
 * The PostgreSQL from npm, with its data in `dataFolder`, listening on 127.0.0.1 only. The server survives a
 * kill of our process: the next start finds it through its postmaster.pid and uses it.
 * @throws Error in one sentence when the port is in use or the server does not start
 */
export const startEmbeddedPostgres = async (options: EmbeddedOptions): Promise<EmbeddedPostgres> => {
  const { dataFolder, port, log } = options;
  const folder = clusterFolderOf(dataFolder);
  const secrets = await openCluster(dataFolder, folder, log);
  const ownerUrl = urlOf(OWNER, secrets.owner, port, 'postgres');

  const running = runningServer(folder);
  const reused = running?.port === port && running.ready && (await answers(ownerUrl));
  if (running !== null && !reused) {
    log.info(`stopping PostgreSQL of the last run (process ${running.pid}, port ${running.port})`);
    await stopServer(folder);
  }
  if (!reused) await startServer(folder, port, options.settings ?? {});
  log.info(`PostgreSQL ${reused ? 'of the last run is reused' : 'started'} on port ${port}`);

  let last: Promise<unknown> = Promise.resolve();
  return {
    port,
    ownerUrl,
    ensureService: (service) => {
      // One after the other: creating two databases at once fails on their common template.
      const next = last.then(() => ensureService(service, { dataFolder, secrets, port, ownerUrl }));
      last = next.catch(() => {});
      return next;
    },
    ensureLogin: (service) => {
      const next = last.then(() => ensureLogin(service, { dataFolder, secrets, port, ownerUrl }));
      last = next.catch(() => {});
      return next;
    },
    stop: () => stopServer(folder),
  };
};

/** Stops the server of this data folder, if one runs. */
export const stopEmbeddedPostgres = (dataFolder: string): Promise<void> =>
  stopServer(clusterFolderOf(dataFolder));

/** Stops the server of this data folder and deletes the folder with all data, also data outside of it. */
export const removeEmbeddedPostgres = async (dataFolder: string): Promise<void> => {
  const folder = clusterFolderOf(dataFolder);
  await stopServer(folder);
  rmSync(folder.home, { recursive: true, force: true });
  rmSync(dataFolder, { recursive: true, force: true });
};

const openCluster = async (
  dataFolder: string,
  folder: ClusterFolder,
  log: EmbeddedOptions['log'],
): Promise<Secrets> => {
  const known = readSecrets(dataFolder);
  const made = existsSync(join(folder.cluster, 'PG_VERSION'));
  if (known !== null && made) return known;
  if (made) {
    // The folder was deleted but its data lies elsewhere; without the passwords it cannot be used.
    const aside = `${folder.home}.without-secrets-${process.pid}`;
    log.warn(`the database passwords are missing; its data is kept in ${aside} and a new cluster is created`);
    await stopServer(folder);
    renameSync(folder.home, aside);
  }
  log.info('creating a database cluster (once, about two seconds)');
  makeHome(folder);
  const secrets = { owner: newPassword(), services: {} };
  initCluster(folder, secrets.owner);
  writeSecrets(dataFolder, secrets);
  return secrets;
};

type ServiceSetup = { dataFolder: string; secrets: Secrets; port: number; ownerUrl: string };

const databaseOf = (service: string): string => {
  if (!/^[a-z][a-z0-9_-]{0,40}$/.test(service))
    throw new Error(`"${service}" is no name for a service's database`);
  return `payloom_${service.replaceAll('-', '_')}`;
};

/** The password of a role. It is on disk before the role exists, so a crash in between loses nothing. */
const passwordOf = (name: string, { dataFolder, secrets }: ServiceSetup) => {
  const isNew = secrets.services[name] === undefined;
  const password = (secrets.services[name] ??= newPassword());
  if (isNew) writeSecrets(dataFolder, secrets);
  return { isNew, password };
};

const ensureLogin = async (service: string, setup: ServiceSetup): Promise<string> => {
  const database = databaseOf(service);
  const role = `${database}_service`;
  const { password } = passwordOf(`${service}_service`, setup);
  await connected(setup.ownerUrl, async (owner) => {
    const { rowCount } = await owner.query('select from pg_roles where rolname = $1', [role]);
    await owner.query(`${rowCount ? 'alter' : 'create'} role ${role} login password '${password}'`);
    await owner.query(`grant connect, temporary on database ${database} to ${role}`);
  });
  return urlOf(role, password, setup.port, database);
};

const ensureService = async (service: string, setup: ServiceSetup): Promise<string> => {
  const { secrets, port, ownerUrl } = setup;
  const name = databaseOf(service);
  const { isNew, password } = passwordOf(service, setup);
  const serviceUrl = urlOf(name, password, port, name);
  await connected(ownerUrl, async (owner) => {
    const { rows } = await owner.query(
      `select shobj_description(oid, 'pg_database') as state from pg_database where datname = $1`,
      [name],
    );
    if (!isNew && rows[0]?.state === 'ready') return;
    const { rowCount: roles } = await owner.query('select from pg_roles where rolname = $1', [name]);
    await owner.query(`${roles ? 'alter' : 'create'} role ${name} login password '${password}'`);
    if (rows.length === 0) await owner.query(`create database ${name}`);
    await owner.query(`revoke all on database ${name}, postgres, template1 from public`);
    await owner.query(`grant connect, temporary on database ${name} to ${name}`);
    await connected(urlOf(OWNER, secrets.owner, port, name), async (inside) => {
      await inside.query('create extension if not exists pg_trgm with schema public');
      await inside.query(`alter schema public owner to ${name}`);
    });
    await owner.query(`comment on database ${name} is 'ready'`);
  });
  return serviceUrl;
};

const connected = async <T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A lost server rejects the running query as well; without a handler this event would end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
};

const answers = async (url: string): Promise<boolean> => {
  try {
    return await connected(url, async (client) => (await client.query('select 1')).rowCount === 1);
  } catch {
    return false;
  }
};

const urlOf = (user: string, password: string, port: number, database: string): string =>
  `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;

/** Hexadecimal, so that it needs no escaping in SQL or in a URL. */
const newPassword = (): string => randomBytes(24).toString('hex');

const secretsPath = (dataFolder: string): string => join(dataFolder, 'postgres-secrets.json');

const readSecrets = (dataFolder: string): Secrets | null => {
  if (!existsSync(secretsPath(dataFolder))) return null;
  const { owner, ...others } = JSON.parse(readFileSync(secretsPath(dataFolder), 'utf8')) as Secrets;
  // Version 0.1 stored the services' passwords under another name.
  const [services = {}] = Object.values(others);
  return { owner, services };
};

const writeSecrets = (dataFolder: string, secrets: Secrets): void => {
  const unfinished = `${secretsPath(dataFolder)}.new`;
  writeFileSync(unfinished, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, secretsPath(dataFolder));
};
