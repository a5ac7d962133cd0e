import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { redisPasswordOf } from './environment.ts';
import { writeState, type StackState } from './folder.ts';
import { findProgram, PROGRAMS } from './programs.ts';
import type { SupervisedUnit } from './supervise-unit.ts';
import { portsOf } from './ports.ts';
import { makeDemoData, migrateDatabases } from './prepare.ts';
import { postgresUnit, serverAt } from './servers/postgres.ts';
import { rabbitmqUnits } from './servers/rabbitmq.ts';
import { redisUnit } from './servers/redis.ts';
import { prepareEvents } from './prepare-events.ts';
import type { Unit } from './unit.ts';

type ServersOptions = {
  folder: string;
  state: StackState;
  definitions: readonly AnyServiceDefinition[];
  /** Starts a server under supervision. */
  run: (unit: Unit) => SupervisedUnit;
  say: (text: string) => void;
};

/** Starts PostgreSQL; makes and migrates each service's database and, the first time, the demo data. */
const startPostgres = async ({ folder, state, definitions, run, say }: ServersOptions): Promise<void> => {
  const { postgres: given } = state.given;
  const own = postgresUnit(folder, portsOf(state.base).postgres, say);
  if (!given) await run(own.unit).ready();
  for (const { contract, database } of definitions) {
    if (!database) continue;
    const service = contract.service.replaceAll('-', '_');
    const server = given ? serverAt(given, state) : own.server();
    const ownerUrl = await server.ensureService(service);
    if (database.ownerEnv) state.databases[database.ownerEnv] = ownerUrl;
    state.databases[database.env] = database.ownerEnv ? await server.ensureLogin(service) : ownerUrl;
  }
  writeState(folder, state);
  if (state.serversOnly) return;
  // The demo data comes first: outside production its services migrate by themselves.
  await makeDemoData({ folder, state, definitions }, say);
  await migrateDatabases({ folder, state, definitions });
};

const startRedis = async ({ folder, state, run }: ServersOptions): Promise<void> => {
  if (state.given.redis) return;
  const program = findProgram(PROGRAMS.redis) ?? PROGRAMS.redis;
  const { redis: port } = portsOf(state.base);
  await run(redisUnit({ folder, program, port, password: redisPasswordOf(state) })).ready();
};

/** Starts RabbitMQ and declares the exchange and queues of all events. */
const startRabbitmq = async ({ folder, state, definitions, run, say }: ServersOptions): Promise<void> => {
  if (!state.given.rabbitmq) {
    const services = definitions.map(({ contract }) => contract.service);
    const { register, brokers } = rabbitmqUnits(folder, state, services);
    writeState(folder, state);
    await run(register).ready();
    await Promise.all(brokers.map((unit) => run(unit).ready()));
  }
  await prepareEvents(definitions, state, say);
};

/** Starts all servers in parallel; resolves when processes may start. */
export const startServers = async (options: ServersOptions): Promise<void> => {
  await Promise.all([startPostgres(options), startRedis(options), startRabbitmq(options)]);
};
