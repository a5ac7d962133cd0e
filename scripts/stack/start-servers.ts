import type { AnyRoomDefinition } from '../../broker/room.ts';
import { redisPasswordOf } from './environment.ts';
import { writeState, type StackState } from './folder.ts';
import { findProgram, PROGRAMS } from './programs.ts';
import type { Kept } from './keep.ts';
import { portsOf } from './ports.ts';
import { makeDemoData, migrateDatabases } from './prepare.ts';
import { ensureRoomAt, postgresUnit } from './servers/postgres.ts';
import { rabbitmqUnits } from './servers/rabbitmq.ts';
import { redisUnit } from './servers/redis.ts';
import { declareFacts } from './topology.ts';
import type { Unit } from './unit.ts';

export type ServersOptions = {
  folder: string;
  state: StackState;
  definitions: readonly AnyRoomDefinition[];
  /** Starts a server and keeps it. */
  run: (unit: Unit) => Kept;
  say: (text: string) => void;
};

/** PostgreSQL, and in it each room's database with its tables and, the first time, the demo data. */
const startPostgres = async ({ folder, state, definitions, run, say }: ServersOptions): Promise<void> => {
  const { postgres: given } = state.given;
  const own = postgresUnit(folder, portsOf(state.base).postgres, say);
  if (!given) await run(own.unit).ready();
  for (const { contract, database } of definitions) {
    if (!database) continue;
    const room = contract.room.replaceAll('-', '_');
    state.databases[database.env] = given
      ? await ensureRoomAt(given, state, room)
      : await own.ensureRoom(room);
  }
  writeState(folder, state);
  // The demo data comes first: outside production its rooms migrate by themselves.
  await makeDemoData({ folder, state, definitions }, say);
  await migrateDatabases({ folder, state, definitions });
};

const startRedis = async ({ folder, state, run }: ServersOptions): Promise<void> => {
  if (state.given.redis) return;
  const program = findProgram(PROGRAMS.redis) ?? PROGRAMS.redis;
  const { redis: port } = portsOf(state.base);
  await run(redisUnit({ folder, program, port, password: redisPasswordOf(state) })).ready();
};

/** RabbitMQ, and in it the exchange and queues of all facts. */
const startRabbitmq = async ({ folder, state, definitions, run }: ServersOptions): Promise<void> => {
  if (!state.given.rabbitmq) {
    const rooms = definitions.map(({ contract }) => contract.room);
    const { register, brokers } = rabbitmqUnits(folder, state, rooms);
    writeState(folder, state);
    await run(register).ready();
    await Promise.all(brokers.map((unit) => run(unit).ready()));
  }
  await declareFacts(definitions, state);
};

/** Starts all servers side by side; resolves when processes may start. */
export const startServers = async (options: ServersOptions): Promise<void> => {
  await Promise.all([startPostgres(options), startRedis(options), startRabbitmq(options)]);
};
