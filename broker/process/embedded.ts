import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Env } from './config.ts';
import { dataFolderOf, portOf } from './data-folder.ts';
import type { Logger } from './logger.ts';
import { PORT_OFFSETS, portsAbove } from './ports.ts';
import { readProcessSettings } from './process-settings.ts';
import { startEmbeddedPostgres } from '../postgres/embedded.ts';
import { listenOnce } from '../postgres/embedded-folder.ts';
import type { AnyServiceDefinition } from './service.ts';

/** Secrets of a development instance: created once, readable by their owner only. */
const secretsIn = (folder: string) => {
  const file = join(folder, 'secrets.json');
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {};
  return (name: string, prefix: string): string => {
    if (!known[name]) {
      known[name] = prefix + randomBytes(18).toString('hex');
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${file}.new`, JSON.stringify(known, null, 2), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    }
    return known[name];
  };
};

/**
 * Makes sure, before anything starts, that this process can listen on each of its ports.
 * @param ports by the variables that have them
 * @throws the error of the first one that is not free, with its variable
 */
export const requireFreePorts = async (
  ports: Readonly<Record<string, number>>,
  host?: string,
): Promise<void> => {
  for (const [variable, port] of Object.entries(ports)) {
    await listenOnce(port, host || undefined).catch((error: object) => {
      throw Object.assign(error, { variable });
    });
  }
};

export type Embedded = {
  /** The given environment plus the values that embedded mode adds. */
  env: Env;
  stop(): Promise<void>;
};

/**
 * Provides what services need on a bare machine: a PostgreSQL from npm with a database and a role for each
 * service without an address, and secrets that live as long as the data folder.
 * @param options.listens whether this process will listen on the instance's ports: they must be free then.
 *   A command beside a running instance uses its PostgreSQL and listens on none.
 */
export const prepareEmbedded = async (
  definitions: readonly AnyServiceDefinition[],
  given: Env,
  log: Logger,
  { listens = false } = {},
): Promise<Embedded> => {
  const port = portOf(given);
  const dataFolder = dataFolderOf(given);
  const secret = secretsIn(dataFolder);
  // There is no other process to which clients could move.
  const drain = given['DRAIN_MS'] || '0';
  const env: Record<string, string | undefined> = { ...given, PORT: String(port), DRAIN_MS: drain };
  const development = { port, portOf: portsAbove(port, definitions), secret };
  const ports: Record<string, number> = { PORT: port, METRICS_PORT: readProcessSettings(given).metricsPort };
  for (const definition of definitions) {
    for (const [name, value] of Object.entries(definition.development?.(development) ?? {})) {
      env[name] ||= value;
      if (name.endsWith('_PORT')) ports[name] = Number(env[name]);
    }
  }
  if (listens) await requireFreePorts(ports, env['HOST']);
  const withoutServer = definitions.filter(({ database }) => database && !env[database.env]);
  if (withoutServer.length === 0) return { env, stop: async () => undefined };
  const postgres = await startEmbeddedPostgres({
    dataFolder: join(dataFolder, 'postgres'),
    port: port + PORT_OFFSETS.postgres,
    log: { info: (message) => log.info(message), warn: (message) => log.warn(message) },
  });
  for (const { contract, database } of withoutServer) {
    if (!database) continue;
    const service = contract.service.replaceAll('-', '_');
    const ownerUrl = await postgres.ensureService(service);
    if (database.ownerEnv) env[database.ownerEnv] = ownerUrl;
    env[database.env] = database.ownerEnv ? await postgres.ensureLogin(service) : ownerUrl;
  }
  return { env, stop: postgres.stop };
};
