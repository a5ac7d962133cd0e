import { join } from 'node:path';
import { processEnv } from '../../broker/config.ts';
import type { AnyRoomDefinition } from '../../broker/room.ts';
import { keyOf, root, secretOf, type StackState } from './folder.ts';
import { GATEWAYS_MAX, portsOf } from './ports.ts';
import { rabbitmqUrl } from './servers/rabbitmq.ts';

export type Variables = Record<string, string>;

/** The room where requests enter. */
export const GATEWAY = 'gateway';
/** The room that takes sockets on ports of its own. */
export const REALTIME = 'realtime';

const nameOf = ({ contract }: AnyRoomDefinition): string => contract.room;

const keyName = (room: string): string => `ROOM_KEY_${room.toUpperCase().replaceAll('-', '_')}`;

export const publicUrlOf = ({ base }: StackState): string => `http://localhost:${portsOf(base).gateway(1)}`;

export const redisPasswordOf = (state: StackState): string => secretOf(state, 'redis password');

export const redisUrl = (state: StackState): string =>
  state.given.redis ?? `redis://:${redisPasswordOf(state)}@127.0.0.1:${portsOf(state.base).redis}`;

const processorUrl = ({ base }: StackState): string => `http://127.0.0.1:${portsOf(base).sandbox}`;

/** What a room asks for in development (addresses and secrets of the processor's stand-in), at our places. */
const ownVariables = (definition: AnyRoomDefinition, state: StackState): Variables => {
  const secret = (name: string, prefix: string) => secretOf(state, name, prefix);
  const asked = { ...definition.development?.({ port: state.base, secret }) };
  if ('PROCESSOR_URL' in asked) asked['PROCESSOR_URL'] = processorUrl(state);
  return asked;
};

const gatewayVariables = (state: StackState, replica: number): Variables => {
  const { gateway } = portsOf(state.base);
  const origins = Array.from({ length: GATEWAYS_MAX }, (_, at) => `http://localhost:${gateway(at + 1)}`);
  return { PORT: String(gateway(replica)), GATEWAY_EXTRA_ORIGINS: origins.join(',') };
};

const sandboxVariables = (state: StackState): Variables => ({
  SANDBOX_PORT: String(portsOf(state.base).sandbox),
  SANDBOX_WEBHOOK_URL: `http://127.0.0.1:${portsOf(state.base).gateway(1)}/api/webhooks/processor`,
});

const databaseVariables = ({ database }: AnyRoomDefinition, { databases }: StackState): Variables => {
  const address = database && databases[database.env];
  return database && address ? { [database.env]: address } : {};
};

/** Its own key, by which it knows who calls it, and those of the rooms that it calls. */
const keysOf = ({ contract, calls = [] }: AnyRoomDefinition, state: StackState): Variables =>
  Object.fromEntries([contract.room, ...calls].map((room) => [keyName(room), keyOf(state, room)]));

/**
 * What lets many processes share a machine: a young generation of 4 MB a half instead of 16, one thread of
 * V8's beside the main one, fewer arenas for native memory. Idle, about 20 MB less each.
 */
const SMALL_PROCESS: Variables = {
  NODE_OPTIONS: '--max-semi-space-size=4 --v8-pool-size=1',
  MALLOC_ARENA_MAX: '2',
};

/** The whole environment of one process: nothing but what this room needs. */
export const environmentOf = (
  definition: AnyRoomDefinition,
  replica: number,
  given: { state: StackState; metricsPort: number },
): Variables => {
  const { state, metricsPort } = given;
  const room = nameOf(definition);
  return {
    PATH: processEnv()['PATH'] ?? '',
    NODE_ENV: 'production',
    NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compile'),
    ...SMALL_PROCESS,
    LOG_LEVEL: processEnv()['LOG_LEVEL'] || 'info',
    ROOMS: room,
    REPLICA: String(replica),
    HOST: '127.0.0.1',
    METRICS_PORT: String(metricsPort),
    PUBLIC_URL: publicUrlOf(state),
    RABBITMQ_URL: rabbitmqUrl(state, room),
    REDIS_URL: redisUrl(state),
    ...keysOf(definition, state),
    ...databaseVariables(definition, state),
    ...ownVariables(definition, state),
    ...(room === GATEWAY ? gatewayVariables(state, replica) : {}),
    ...(room === 'processor-sandbox' ? sandboxVariables(state) : {}),
    ...(room === REALTIME ? { REALTIME_PORT: String(portsOf(state.base).realtime(replica)) } : {}),
    ...state.overrides['*'],
    ...state.overrides[room],
  };
};

/** Everything that somebody needs who looks after the whole stack: the REPL, tests, benches. */
export const operatorVariables = (all: readonly AnyRoomDefinition[], state: StackState): Variables => ({
  ...state.databases,
  ...Object.fromEntries(
    all.map((definition) => [keyName(nameOf(definition)), keyOf(state, nameOf(definition))]),
  ),
  ...Object.assign({}, ...all.map((definition) => ownVariables(definition, state))),
  ...sandboxVariables(state),
  PUBLIC_URL: publicUrlOf(state),
  RABBITMQ_URL: rabbitmqUrl(state, 'operator'),
  REDIS_URL: redisUrl(state),
});
