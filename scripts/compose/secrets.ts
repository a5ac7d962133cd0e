// The first container of the system runs this: it makes every secret once, and writes for each service and
// server the files that it needs into a folder of its own. `node scripts/compose/secrets.ts FOLDER`
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findServices } from '../../broker/process/find-services.ts';
import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { definitions as rabbitmqDefinitions, OPERATOR } from '../stack/definitions.ts';
import { keysOf, type Variables } from '../stack/environment.ts';
import { secretOf } from '../stack/folder.ts';

type State = { secrets: Record<string, string> };

/** The owner of all databases, which only the container of the migrations uses. */
const POSTGRES_OWNER = 'postgres';

const passwordOf = (state: State, server: string, user: string): string =>
  secretOf(state, `${server} password of ${user}`);

const rabbitmqUrl = (state: State, user: string): string =>
  `amqp://${user}:${passwordOf(state, 'rabbitmq', user)}@rabbitmq:5672`;

const postgresUrl = (state: State, user: string, database: string): string =>
  `postgres://${user}:${passwordOf(state, 'postgres', user)}@postgres:5432/${database}`;

const databaseOf = ({ contract, database }: AnyServiceDefinition, state: State): Variables => {
  const name = contract.service.replaceAll('-', '_');
  const login = database?.ownerEnv ? `${name}_service` : name;
  return database ? { [database.env]: postgresUrl(state, login, name) } : {};
};

/** The login that owns a service's tables, where the service itself has another one. */
const ownerOf = ({ contract, database }: AnyServiceDefinition, state: State): Variables => {
  const name = contract.service.replaceAll('-', '_');
  return database?.ownerEnv ? { [database.ownerEnv]: postgresUrl(state, name, name) } : {};
};

/** The secrets among a service's settings, such as the seal of its keys. */
const ownSecrets = ({ development }: AnyServiceDefinition, state: State): Variables => {
  const made = new Set<string>();
  const secret = (name: string, prefix: string): string => {
    const value = secretOf(state, name, prefix);
    made.add(value);
    return value;
  };
  const settings = development?.({ port: 0, portOf: () => 0, secret }) ?? {};
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => made.has(value)));
};

const redisUrl = (state: State): string => `redis://:${passwordOf(state, 'redis', 'default')}@redis:6379`;

/** Every secret of one service, by the variable that is read from the file. */
const serviceFiles = (definition: AnyServiceDefinition, state: State): Variables => ({
  RABBITMQ_URL: rabbitmqUrl(state, definition.contract.service),
  REDIS_URL: redisUrl(state),
  ...keysOf(definition, state),
  ...databaseOf(definition, state),
  ...ownSecrets(definition, state),
});

/** What the operator's container reads: the secrets of all services, with logins that may do everything. */
const operatorFiles = (all: readonly AnyServiceDefinition[], state: State): Variables => ({
  ...Object.assign({}, ...all.map((definition) => serviceFiles(definition, state))),
  ...Object.assign({}, ...all.map((definition) => ownerOf(definition, state))),
  RABBITMQ_URL: rabbitmqUrl(state, OPERATOR),
  POSTGRES_URL: postgresUrl(state, POSTGRES_OWNER, 'postgres'),
});

const serverFiles = (services: readonly string[], state: State): Record<string, Variables> => {
  const users = services.map((name) => ({ name, password: passwordOf(state, 'rabbitmq', name) }));
  const imported = rabbitmqDefinitions(users, passwordOf(state, 'rabbitmq', OPERATOR));
  return {
    postgres: { POSTGRES_PASSWORD: passwordOf(state, 'postgres', POSTGRES_OWNER) },
    rabbitmq: { 'definitions.json': JSON.stringify(imported, null, 2) },
    grafana: { GRAFANA_PASSWORD: passwordOf(state, 'grafana', 'admin') },
    redis: { 'password.conf': `requirepass ${passwordOf(state, 'redis', 'default')}\n` },
  };
};

const replaceFile = (file: string, text: string, mode: number): void => {
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
};

/**
 * The files of all services, servers and of the operator, by folder and name.
 * @param state holds the secrets that are known; those made now are added to it
 */
export const secretFiles = (
  all: readonly AnyServiceDefinition[],
  state: State,
): Record<string, Variables> => ({
  ...Object.fromEntries(all.map((one) => [one.contract.service, serviceFiles(one, state)])),
  ...serverFiles(
    all.map(({ contract }) => contract.service),
    state,
  ),
  [OPERATOR]: operatorFiles(all, state),
});

const run = async (folder: string): Promise<void> => {
  const known = join(folder, 'secrets.json');
  const state: State = {
    secrets: existsSync(known) ? (JSON.parse(readFileSync(known, 'utf8')) as Record<string, string>) : {},
  };
  const files = secretFiles(await findServices({}), state);
  replaceFile(known, JSON.stringify(state.secrets, null, 2), 0o600);
  for (const [name, contents] of Object.entries(files)) {
    mkdirSync(join(folder, name), { recursive: true });
    // Each container sees only its own folder, with a user of its own.
    for (const [file, text] of Object.entries(contents)) replaceFile(join(folder, name, file), text, 0o444);
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  run(process.argv[2] ?? '/secrets').catch((error: unknown) => {
    console.error(`secrets: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}
